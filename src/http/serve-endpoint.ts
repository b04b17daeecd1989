/**
 * From a request to the handler of its endpoint: the caller is let in, the body is read, the parameters are parsed,
 * then the body; the first that is not as declared ends the request with the problem its declaration names.
 *
 * Where a caller's key was not read for this request (`Grant`): a success comes from a batch that has checked the key;
 * for any other answer the key is read first.
 */
import { anyone, type Caller, isRecalled } from '../access/caller.ts';
import { queryOf } from '../runtime/request-target.ts';
import { accessChanged } from './access/access-changed.ts';
import { type AccessGate, type Admit, accessGate } from './access/access-gate.ts';
import { answerWithinLimits, countMiss } from './access/limited-answer.ts';
import type { HttpDependencies } from './dependencies.ts';
import { type AnyCall, type Endpoint, type Parameters, refusesUnknownParameters } from './endpoint.ts';
import { isProblem, type ParameterError, type Problem, problems } from './problem-details.ts';
import type { Reply } from './reply.ts';
import type { Parameter } from './request/parameter.ts';
import {
  encodedFieldsMax,
  hasTooManyFields,
  misencodedFields,
  onePlainParameter,
} from './request/percent-encoding.ts';
import type { UnparsedBody } from './request/request-body.ts';
import type { RequestContext } from './request/request-context.ts';
import { unknownParameters } from './request/unknown-parameters.ts';

/** The answer: a reply, or a problem that is shown as the caller prefers. */
export type Answer = Reply | Problem;

export type AnswerRequest = (context: RequestContext) => Answer | Promise<Answer>;

export function answerBy(deps: HttpDependencies, endpoint: Endpoint): AnswerRequest {
  const { scope, isGrantChecked = false } = endpoint;
  const gate = accessGate(deps, scope);
  const { admit, readKey } = isGrantChecked
    ? recallingEntry(gate)
    : { admit: gate?.admit ?? null, readKey: null };
  const answer = answerAs(deps, endpoint, readKey);
  const { byKey, byAddress } = deps.limits;
  if (byAddress !== null && endpoint.onlyMissesCount)
    return async (context) => countMiss(deps, context, await answer(context, anyone));
  // What watches the service is never limited.
  if ((byKey !== null || byAddress !== null) && endpoint.tag !== 'Health')
    return answerWithinLimits(deps, { admit, readKey, answer, refuse });
  if (admit === null) return (context) => answer(context, anyone);
  return (context) => {
    const admitted = admit(context);
    if (!(admitted instanceof Promise))
      return isProblem(admitted) ? refuse(admitted) : answer(context, admitted);
    return admitted.then((caller) => (isProblem(caller) ? refuse(caller) : answer(context, caller)));
  };

  /** A body that nobody reads must not keep the connection from its next request. */
  function refuse(problem: Problem): Problem {
    if (endpoint.request.body === undefined) return problem;
    return { ...problem, headers: { ...problem.headers, connection: 'close' } };
  }
}

function recallingEntry(gate: AccessGate | null): { readonly admit: Admit; readonly readKey: Admit } {
  if (gate === null) throw new Error('an endpoint for every client has no grant to check');
  return { admit: gate.recallOrAdmit, readKey: gate.admit };
}

type AnswerCaller = (context: RequestContext, caller: Caller) => Answer | Promise<Answer>;

/** @param readKey lets a caller in by its key as it is now; null where every caller was let in like this */
function answerAs(deps: HttpDependencies, endpoint: Endpoint, readKey: Admit | null): AnswerCaller {
  const { request, handle } = endpoint;
  const parsePath = parameterReader('path', request.path);
  const parseQuery = queryReader(endpoint);
  const parseHeaders = parameterReader('header', request.headers);

  function parseParameters(context: RequestContext, caller: Caller): Problem | Omit<AnyCall, 'body'> {
    const path = parsePath((name) => context.params[name] ?? null);
    if (isProblem(path)) return path;
    const query = parseQuery(queryOf(context.request.url));
    if (isProblem(query)) return query;
    const headers = parseHeaders((name) => context.request.headers.get(name));
    return isProblem(headers) ? headers : { path, query, headers, caller, context };
  }

  const { body: declared } = request;
  if (declared === undefined) {
    return (context, caller) => {
      const parameters = parseParameters(context, caller);
      return isProblem(parameters) ? parameters : handle(deps, { ...parameters, body: undefined });
    };
  }
  const { read, parse } = declared;
  const answer = async (context: RequestContext, caller: Caller, given?: Problem | UnparsedBody) => {
    const unparsed = given ?? (await read(context, deps.bodyBytesMax));
    if (isProblem(unparsed)) return unparsed;
    const parameters = parseParameters(context, caller);
    if (isProblem(parameters)) return parameters;
    const body = parse(unparsed);
    const answer = isProblem(body) ? body : await handle(deps, { ...parameters, body: body.value });
    if (statusOf(answer) !== 422) return answer;
    const before = await endpoint.answerBefore?.(deps, { ...parameters, body: unparsed });
    if (before != null) return before;
    if (isProblem(body)) endpoint.onInvalidBody?.(deps);
    return answer;
  };
  if (readKey === null) return answer;

  return async (context, caller) => {
    if (!isRecalled(caller)) return answer(context, caller);
    const unparsed = await read(context, deps.bodyBytesMax);
    const given = await answer(context, caller, unparsed);
    if (statusOf(given) < 400) return given;
    const now = await readKey(context);
    if (isProblem(now)) {
      // After a body that can't be read, its connection has to close, whatever the answer is.
      return isProblem(unparsed) ? { ...now, headers: { ...now.headers, ...unparsed.headers } } : now;
    }
    return given === accessChanged ? answer(context, now, unparsed) : given;
  };
}

function statusOf(answer: Answer): number {
  return isProblem(answer) ? problems[answer.code].status : answer.status;
}

type Values = Readonly<Record<string, unknown>>;

/** Text of a parameter, null when it is not sent, and why it has no text when it can't be read. */
type SentText = (name: string) => string | null | typeof twice | typeof misencoded | typeof crowded;

const twice = Symbol('sent more than once');
const misencoded = Symbol('sent in bytes that are no UTF-8');
const crowded = Symbol('sent among too many');

const noValues: Values = Object.freeze({});

function parameterReader(
  where: ParameterError['in'],
  declared: Parameters = {},
): (sent: SentText) => Problem | Values {
  const parameters = Object.entries(declared);
  if (parameters.length === 0) return () => noValues;
  return (sent) => {
    const values: Record<string, unknown> = {};
    const errors: ParameterError[] = [];
    for (const [name, parameter] of parameters) {
      const text = sent(name);
      const value =
        text === null
          ? valueOfAbsent(parameter)
          : typeof text === 'symbol'
            ? undefined
            : parameter.parse(text);
      if (value !== undefined) values[name] = value;
      // A path that names nothing is a 404, which has no more to say.
      else if (where === 'path' && parameter.problem !== 'invalid_parameter')
        return { code: parameter.problem };
      else {
        const error = parameterError(where, name, parameter, text);
        const code = text === null ? parameter.problemWhenAbsent : parameter.problem;
        if (code !== 'invalid_parameter') return { code, errors: [error] };
        errors.push(error);
      }
    }
    return errors.length === 0 ? values : invalidParameters(errors);
  };
}

/** The API refuses query parameters that its endpoint does not take. */
function queryReader(endpoint: Endpoint): (query: string) => Problem | Values {
  const { query: declared = {} } = endpoint.request;
  const parse = parameterReader('query', declared);
  if (!refusesUnknownParameters(endpoint)) return (query) => parse(queriedIn(query));
  const known = Object.keys(declared);
  return (query) => {
    const unknown = unknownParameters(query, known);
    return unknown.length === 0 ? parse(queriedIn(query)) : invalidParameters(unknown);
  };
}

function valueOfAbsent({ isRequired, absent }: Parameter<unknown>): unknown {
  return isRequired ? undefined : absent;
}

function parameterError(
  where: ParameterError['in'],
  name: string,
  { mustBe }: Parameter<unknown>,
  text: ReturnType<SentText>,
): ParameterError {
  const error = { parameter: name, in: where };
  if (text === null) return { ...error, code: 'required', detail: `${name} is required: ${mustBe}.` };
  if (text === misencoded)
    return { ...error, code: 'not_utf8', detail: `${name} must be in UTF-8, percent-encoded.` };
  if (text === crowded)
    return {
      ...error,
      code: 'too_many_parameters',
      detail: `${name} must be among at most ${encodedFieldsMax} parameters.`,
    };
  return text === twice
    ? { ...error, code: 'repeated', detail: `${name} must be given once.` }
    : { ...error, code: 'invalid', detail: `${name} must be ${mustBe}.` };
}

function invalidParameters(errors: readonly ParameterError[]): Problem {
  return { code: 'invalid_parameter', detail: errors.map(({ detail }) => detail).join(' '), errors };
}

const nothingSent: SentText = () => null;
const tooManySent: SentText = () => crowded;

function queriedIn(query: string): SentText {
  if (query === '') return nothingSent;
  const onlyOne = onePlainParameter.exec(query);
  if (onlyOne !== null) return (name) => (name === onlyOne[1] ? (onlyOne[2] as string) : null);
  if (hasTooManyFields(query)) return tooManySent;
  const parameters = new URLSearchParams(query);
  const misencodedNames = misencodedFields(query);
  return (name) => {
    if (misencodedNames.has(name)) return misencoded;
    const texts = parameters.getAll(name);
    return texts.length > 1 ? twice : (texts[0] ?? null);
  };
}
