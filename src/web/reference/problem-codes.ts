/**
 * The problems (RFC 9457) an operation may answer with. An answer of that type names its codes in its
 * description, each as `` `code`: words ``.
 */
import { groupThousands } from '../../domain/money.ts';
import { type Html, html } from '../html.ts';
import {
  type Answer,
  type OpenApiDocument,
  type Operation,
  type Referable,
  resolveReference,
  type Schema,
} from './openapi-document.ts';
import { lightMarkdown } from './prose.ts';
import { schemaTable } from './schema-table.ts';

export interface ProblemAnswer {
  readonly status: string;
  readonly code: string;
  readonly words: string;
}

const problemType = 'application/problem+json';

/** The problem codes of one answer; empty when it is no problem. */
export function problemsIn(status: string, answer: Answer | null): readonly ProblemAnswer[] {
  if (answer?.content?.[problemType] === undefined) return [];
  const named = Array.from((answer.description ?? '').matchAll(/`([a-z0-9_]+)`: ([^`]*)/g));
  return named.map(([, code = '', words = '']) => ({ status, code, words: words.trim() }));
}

/** Every problem of these operations, and of the answers that any may give, once, by status. */
export function problemsOf(
  openapi: OpenApiDocument,
  operations: readonly Operation[],
): readonly ProblemAnswer[] {
  const known = new Map<string, ProblemAnswer>();
  const anywhere = (openapi.components?.['responses'] ?? {}) as NonNullable<Operation['responses']>;
  for (const responses of [...operations.map((operation) => operation.responses ?? {}), anywhere]) {
    for (const [status, answer] of Object.entries(responses)) {
      for (const problem of problemsIn(status, asAnswer(answer))) known.set(problem.code, problem);
    }
  }
  return Array.from(known.values()).toSorted((a, b) => Number(a.status) - Number(b.status));
}

function asAnswer(answer: Referable<Answer>): Answer | null {
  return '$ref' in answer ? null : answer;
}

/** The problems of an operation, each with a link to the section on problems. */
export function problemTable(problems: readonly ProblemAnswer[], operationTitle: string): Html {
  const label = `Errors of ${operationTitle}`;
  return html`<h3>Errors</h3><div class="ref-scroll" tabindex="0" role="group" aria-label="${label}"><table class="problems">
<thead><tr><th scope="col">Status</th><th scope="col">Code</th><th scope="col">Meaning</th></tr></thead>
<tbody>${problems.map(
    ({ status, code, words }) =>
      html`<tr><td><span class="tag danger">${status}</span></td><th scope="row"><a href="#${code}"><code>${code}</code></a></th><td>${lightMarkdown(words)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** The shape of all problems once, and each code where its `type` points: `/docs#code`. */
export function problemsSection(openapi: OpenApiDocument, problems: readonly ProblemAnswer[]): Html {
  const schema = resolveReference<Schema>(openapi, { $ref: '#/components/schemas/Problem' });
  return html`<section class="endpoint" id="problems" aria-labelledby="problems-title">
<h2 id="problems-title">Errors</h2>
<p>Whatever goes wrong is answered as RFC 9457 problem details. Programs go by <code>code</code>, which never changes; <code>detail</code> is for people.
There are ${groupThousands(problems.length)} codes.</p>
${schema !== null && schemaTable(openapi, schema, problemType, 'answer')}
<dl class="ref-problems">${problems.map(
    ({ status, code, words }) =>
      html`<div id="${code}"><dt><span class="tag danger">${status}</span> <code>${code}</code></dt><dd>${lightMarkdown(words)}</dd></div>`,
  )}</dl></section>`;
}
