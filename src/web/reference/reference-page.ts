/** The API reference: the OpenAPI document, readable. Made once at start, so it is written for reading. */
import { type Html, html } from '../html.ts';
import { framePage } from '../layout.ts';
import {
  type Answer,
  type MediaType,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  resolveReference,
} from './openapi-document.ts';
import { curlExample, exampleBody } from './request-example.ts';
import { schemaTable, schemaWords } from './schema-table.ts';

const frame = framePage({
  name: 'reference',
  styles: ['reference.css'],
  modules: ['reference.js'],
  listed: true,
});

const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** One thing that can be asked of the service. */
interface Endpoint {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly parameters: readonly Parameter[];
}

/** The whole reference as one page. */
export function renderReferencePage(openapi: OpenApiDocument): string {
  const endpoints = endpointsOf(openapi);
  const content = html`<div class="reference">
<nav class="ref-nav" aria-label="Operations"><p class="eyebrow">Operations</p><ul>${endpoints.map(navItem)}</ul></nav>
<div class="ref-body"><h1>${openapi.info.title}</h1>
<p class="eyebrow">Version ${openapi.info.version} · <a href="/openapi.json">openapi.json</a></p>
${paragraphs(openapi.info.description)}
${endpoints.map((endpoint) => endpointSection(openapi, endpoint))}</div></div>`;
  return frame('API reference', content.text);
}

function endpointsOf(openapi: OpenApiDocument): readonly Endpoint[] {
  const endpoints: Endpoint[] = [];
  for (const [path, item] of Object.entries(openapi.paths ?? {})) {
    for (const method of methods) {
      const operation = item[method] as Operation | undefined;
      if (operation === undefined) continue;
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])]
        .map((parameter) => resolveReference<Parameter>(openapi, parameter))
        .filter((parameter) => parameter !== null);
      const id = operation.operationId ?? `${method}${path}`.replace(/[^A-Za-z0-9]+/g, '-');
      endpoints.push({ id, method, path, operation, parameters });
    }
  }
  return endpoints;
}

function navItem({ id, method, path, operation }: Endpoint): Html {
  return html`<li><a href="#${id}"><span class="method">${method.toUpperCase()}</span>
<span>${operation.summary ?? path}</span></a></li>`;
}

function endpointSection(openapi: OpenApiDocument, endpoint: Endpoint): Html {
  const { id, method, path, operation, parameters } = endpoint;
  const request = resolveReference(openapi, operation.requestBody);
  return html`<section class="endpoint" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${operation.summary ?? path}</h2>
<p class="ref-route"><span class="method">${method.toUpperCase()}</span> <code>${path}</code></p>
${paragraphs(operation.description)}
${codeBlock(curlExample(openapi, method, path, parameters, operation), 'Try it with curl')}
${parameters.length > 0 && parameterTable(openapi, parameters, operation)}
${request !== null && html`<h3>Request body</h3>${paragraphs(request.description)}${mediaTypes(openapi, request.content, false)}`}
<h3>Answers</h3>${Object.entries(operation.responses ?? {}).map(([status, answer]) =>
    answerSection(openapi, status, resolveReference<Answer>(openapi, answer)),
  )}</section>`;
}

function parameterTable(
  openapi: OpenApiDocument,
  parameters: readonly Parameter[],
  { summary }: Operation,
): Html {
  const label = `Parameters of ${summary ?? 'this operation'}`;
  return html`<h3>Parameters</h3><div class="ref-scroll" tabindex="0" role="group" aria-label="${label}"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${parameters.map(
    (
      parameter,
    ) => html`<tr><th scope="row"><code>${parameter.name}</code> <span class="eyebrow">${parameter.in}</span>${
      parameter.required === true && html` <span class="tag good">required</span>`
    }</th>
<td>${schemaWords(openapi, parameter.schema ?? {})}</td><td>${parameter.description}</td></tr>`,
  )}</tbody></table></div>`;
}

/** Successes stand open; the many errors are folded, with their status and words in view. */
function answerSection(openapi: OpenApiDocument, status: string, answer: Answer | null): Html {
  const isSuccess = status.startsWith('2');
  const title = html`<span class="tag ${isSuccess ? 'good' : status.startsWith('3') ? 'warning' : 'danger'}">${status}</span> ${answer?.description}`;
  const details =
    answer === null ? [] : [headerList(openapi, answer), mediaTypes(openapi, answer.content, true)];
  if (answer?.content === undefined && answer?.headers === undefined) {
    return html`<p class="answer bare">${title}</p>`;
  }
  return html`<details class="answer"${isSuccess && html` open`}><summary>${title}</summary>${details}</details>`;
}

function headerList(openapi: OpenApiDocument, { headers = {} }: Answer): Html | false {
  const items = Object.entries(headers).map(([name, header]) => {
    const description = resolveReference(openapi, header)?.description;
    return html`<li><code>${name}</code>${description !== undefined && html`: ${description}`}</li>`;
  });
  return items.length > 0 && html`<ul class="ref-headers" aria-label="Headers">${items}</ul>`;
}

function mediaTypes(
  openapi: OpenApiDocument,
  content: Readonly<Record<string, MediaType>> = {},
  withExample: boolean,
): readonly Html[] {
  return Object.entries(content).map(([type, media]) => {
    const example = withExample ? exampleBody(openapi, media) : undefined;
    const isJson = type.includes('json');
    return html`${media.schema !== undefined && isJson ? schemaTable(openapi, media.schema, type) : html`<p><code>${type}</code></p>`}
${isJson && example !== undefined && codeBlock(JSON.stringify(example, null, 2), 'Example')}`;
  });
}

/** The copy button is made by a script; without one, the text can be selected. */
function codeBlock(code: string, label: string): Html {
  return html`<figure class="code"><figcaption>${label}</figcaption>
<pre tabindex="0" aria-label="${label}"><code>${code}</code></pre></figure>`;
}

/** Descriptions are plain text or light Markdown; blank lines part paragraphs, backticks mark code. */
function paragraphs(text: string | undefined): readonly Html[] {
  if (text === undefined) return [];
  return text.split(/\n\s*\n/).map((paragraph) => {
    const parts = paragraph.split('`');
    return html`<p>${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}</p>`;
  });
}
