/** The API reference: the OpenAPI document, readable. Made once by each process, so it is written for reading. */
import { type Html, html } from '../html.ts';
import { framePage } from '../layout.ts';
import { answers, mediaTypes } from './answers.ts';
import {
  type OpenApiDocument,
  type Operation,
  type Parameter,
  resolveReference,
} from './openapi-document.ts';
import { problemsOf, problemsSection } from './problem-codes.ts';
import { codeBlock, lightMarkdown, paragraphs } from './prose.ts';
import { curlExample } from './request-example.ts';
import { schemaWords } from './schema-table.ts';

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

/** The whole reference as one page, operation by operation: see `makeOpenApiDocument`. */
export function* renderReferencePage(
  openapi: OpenApiDocument,
  basePath = '',
): Generator<undefined, string, undefined> {
  const endpoints = endpointsOf(openapi);
  const sections: Html[] = [];
  for (const endpoint of endpoints) {
    sections.push(endpointSection(openapi, endpoint));
    yield;
  }
  const problems = problemsOf(
    openapi,
    endpoints.map(({ operation }) => operation),
  );
  const content = html`<div class="reference"><div class="ref-intro"><h1>${openapi.info.title} API</h1>
<p class="eyebrow">Version ${openapi.info.version} · <a href="${basePath}/openapi.json">openapi.json</a></p>
${paragraphs(openapi.info.description)}</div>
<nav class="ref-nav" aria-label="Operations">${navGroups(openapi, endpoints)}${
    problems.length > 0 && html`<ul><li><a href="#problems"><span>Errors</span></a></li></ul>`
  }</nav>
<div class="ref-body">${sections}
${problems.length > 0 && problemsSection(openapi, problems)}</div></div>`;
  const { before, after } = frame(basePath, 'API reference');
  return before + content.text + after;
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

/** By their first tag, in the order of the document's own tags. */
function navGroups(openapi: OpenApiDocument, endpoints: readonly Endpoint[]): readonly Html[] {
  const groups = Map.groupBy(endpoints, ({ operation }) => operation.tags?.[0] ?? 'Operations');
  const tags = (openapi.tags ?? []).map(({ name }) => name);
  const rank = (name: string) => (tags.includes(name) ? tags.indexOf(name) : tags.length);
  return Array.from(groups)
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, inGroup]) => html`<p class="eyebrow">${name}</p><ul>${inGroup.map(navItem)}</ul>`);
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
${request !== null && html`<h3>Request body</h3>${paragraphs(request.description)}${mediaTypes(openapi, request.content, 'request')}`}
${answers(openapi, operation)}</section>`;
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
<td>${schemaWords(openapi, parameter.schema ?? {})}</td><td>${lightMarkdown(parameter.description ?? '')}</td></tr>`,
  )}</tbody></table></div>`;
}
