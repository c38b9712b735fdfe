import { InvalidArgumentError } from 'commander';

/** Reads an option that counts something. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (number >= min) return number;
    throw new InvalidArgumentError(`It is a whole number from ${min}.`);
  };
}
