export { compileRegex, type Regex, RegexError, workOf } from './compile-regex.ts';
