/** The answers of an operation: successes in full, errors as one table. */
import { type Html, html } from '../html.ts';
import {
  type Answer,
  type MediaType,
  type OpenApiDocument,
  type Operation,
  resolveReference,
} from './openapi-document.ts';
import { problemsIn, problemTable } from './problem-codes.ts';
import { codeBlock, lightMarkdown } from './prose.ts';
import { exampleBody } from './request-example.ts';
import { type SchemaUse, schemaTable } from './schema-table.ts';

export function answers(openapi: OpenApiDocument, { responses = {}, summary }: Operation): Html {
  const all = Object.entries(responses).map(([status, referable]) => {
    const answer = resolveReference<Answer>(openapi, referable);
    return { status, answer, problems: problemsIn(status, answer) };
  });
  const problems = all.flatMap((each) => each.problems);
  const others = all.filter((each) => each.problems.length === 0);
  return html`<h3>Answers</h3>${others.map(({ status, answer }) => answerSection(openapi, status, answer))}
${problems.length > 0 && problemTable(problems, summary ?? 'this operation')}`;
}

function answerSection(openapi: OpenApiDocument, status: string, answer: Answer | null): Html {
  const title = html`<span class="tag ${toneOf(status)}">${status}</span> ${lightMarkdown(answer?.description ?? '')}`;
  if (answer === null || (answer.content === undefined && answer.headers === undefined)) {
    return html`<p class="answer bare">${title}</p>`;
  }
  const isSuccess = status.startsWith('2');
  return html`<details class="answer"${isSuccess && html` open`}><summary>${title}</summary>
${headerList(openapi, answer)}${mediaTypes(openapi, answer.content, 'answer')}</details>`;
}

function toneOf(status: string): string {
  if (status.startsWith('2')) return 'good';
  return status.startsWith('3') ? 'warning' : 'danger';
}

function headerList(openapi: OpenApiDocument, { headers = {} }: Answer): Html | false {
  const items = Object.entries(headers).map(([name, header]) => {
    const description = resolveReference(openapi, header)?.description;
    return html`<li><code>${name}</code>${description !== undefined && html`: ${lightMarkdown(description)}`}</li>`;
  });
  return items.length > 0 && html`<ul class="ref-headers" aria-label="Headers">${items}</ul>`;
}

/** One table for each schema: several types of a body often share theirs. */
export function mediaTypes(
  openapi: OpenApiDocument,
  content: Readonly<Record<string, MediaType>> = {},
  use: SchemaUse,
): readonly Html[] {
  const bySchema = Map.groupBy(Object.entries(content), ([, { schema }]) => JSON.stringify(schema));
  return Array.from(bySchema.values(), (group) => {
    const types = group.map(([type]) => type).join(' or ');
    const [, media] = group[0] ?? ['', {}];
    if (media.schema === undefined) return html`<p><code>${types}</code></p>`;
    const example = use === 'answer' ? exampleBody(openapi, media) : undefined;
    return html`${schemaTable(openapi, media.schema, types, use)}
${example !== undefined && codeBlock(JSON.stringify(example, null, 2), 'Example')}`;
  });
}
