/** JUnit's XML: what test runners report, read into one form, and written by programs that are no runner. */
import { isAbsolute, relative, resolve } from 'node:path';
import { DOMParser, type Element, type Node, onErrorStopParsing } from '@xmldom/xmldom';
import { skipMark } from './skip-mark.ts';

export interface TestResult {
  /** The suites that hold the test, and its own name, joined by " > ". */
  readonly name: string;
  /** Relative to the repository's root; null when the report names none. */
  readonly file: string | null;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** The failure, or the reason of the skip; null when the report has none. */
  readonly detail: string | null;
}

/**
 * Bun, Node and schemathesis nest suites differently, and none counts right: Node's sums are comments, Bun's count
 * skipped suites. So each test case is read, and no sum.
 *
 * A case that Node names like its file stands for the process that ran the file. It is no test: when it passed, it
 * is left out; when it failed, its process ended badly.
 *
 * @param root the folder that files are told relative to
 * @throws Error when the text is no whole XML document
 */
export function readJUnit(xml: string, root: string): readonly TestResult[] {
  const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, 'text/xml');
  const results: TestResult[] = [];
  for (const element of Array.from(document.getElementsByTagName('testcase'))) {
    const result = resultOf(element, root);
    const isProcess = result.file !== null && relativeTo(root, result.name) === result.file;
    if (!isProcess || result.outcome !== 'passed') results.push(result);
  }
  return results;
}

function resultOf(element: Element, root: string): TestResult {
  const file = attributeOf(element, 'file');
  const [name = '', reason = null] = nameOf(element).split(skipMark);
  const told = { name, file: file === null ? null : relativeTo(root, file) };
  const failure = childOf(element, 'failure') ?? childOf(element, 'error');
  if (failure !== undefined) return { ...told, outcome: 'failed', detail: messageOf(failure) };
  const skip = childOf(element, 'skipped');
  if (skip !== undefined) return { ...told, outcome: 'skipped', detail: reason ?? reasonOf(skip) };
  return { ...told, outcome: 'passed', detail: null };
}

function relativeTo(root: string, file: string): string {
  return relative(root, isAbsolute(file) ? file : resolve(root, file));
}

function nameOf(element: Element): string {
  const names = [attributeOf(element, 'name') ?? ''];
  for (let node = element.parentNode; isElement(node); node = node.parentNode) {
    const name = attributeOf(node, 'name');
    // Bun makes a suite of each file, and Node of none.
    const isFile = name === attributeOf(node, 'file');
    if (node.tagName === 'testsuite' && name !== null && !isFile) names.unshift(name);
  }
  return names.join(' > ');
}

/** Node 24 escapes quotes twice. */
function attributeOf(element: Element, name: string): string | null {
  return element.getAttribute(name)?.replaceAll('&quot;', '"').trim() || null;
}

function isElement(node: Node | null): node is Element {
  return node !== null && 'getAttribute' in node;
}

function childOf(element: Element, tagName: string): Element | undefined {
  return Array.from(element.childNodes).find(
    (node): node is Element => isElement(node) && node.tagName === tagName,
  );
}

/** Without a reason Node reports the option `skip: true`, and Bun the word TODO. */
function reasonOf(skip: Element): string | null {
  const message = messageOf(skip);
  return message === 'true' || message === 'TODO' ? null : message;
}

function messageOf(element: Element): string | null {
  return attributeOf(element, 'message') ?? (element.textContent?.trim() || null);
}

/** For a program that checks many things and is no test runner. */
export function writeJUnit(suite: string, results: readonly TestResult[]): string {
  const cases = results.map(({ name, file, outcome, detail }) => {
    const attributes = `name="${escapeXml(name)}"${file === null ? '' : ` file="${escapeXml(file)}"`}`;
    const child = { passed: null, failed: 'failure', skipped: 'skipped' }[outcome];
    if (child === null) return `    <testcase ${attributes}/>`;
    return `    <testcase ${attributes}><${child} message="${escapeXml(detail ?? '')}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${escapeXml(suite)}" tests="${results.length}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return (
    text
      .replace(/[&<>"]/g, (character) => entities[character] ?? character)
      .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
      // XML has no other control characters, not even escaped.
      .replace(/\p{Cc}/gu, '\u{FFFD}')
  );
}
