import { Component, type ReactNode } from 'react';
import { Problem } from '../parts/answers.tsx';

/** A page that fails takes nothing with it but itself: the menu leads to the others. */
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
