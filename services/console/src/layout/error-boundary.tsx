import { Component, type ReactNode } from 'react';
import { Problem } from '../parts/answers.tsx';

/** Contains the failure of a page, so that the menu still leads to the others. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error === undefined ? this.props.children : <Problem error={error} title="This page failed" />;
  }
}
