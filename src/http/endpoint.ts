/**
 * An endpoint is declared once: routes, `/openapi.json`, the reference page and the tests that hold real
 * answers against their schema all come from the declaration.
 *
 * What the types check: a handler reads only declared parameters and the declared body, as what they have
 * been parsed to; it answers only declared statuses, with the declared shape and headers, and only declared
 * problems. `endpoints.test.ts` checks what types can't.
 */
import type { z } from 'zod';
import type { Caller } from '../access/caller.ts';
import type { Method } from '../runtime/listener.ts';
import type { AccessRule } from './access/access-rule.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { Problem, ProblemCode } from './problem-details.ts';
import type { CommonHeader, NoBody, Reply } from './reply.ts';
import type { DeclaredBody } from './request/declared-body.ts';
import type { Parameter } from './request/parameter.ts';
import type { UnparsedBody } from './request/request-body.ts';
import type { RequestContext } from './request/request-context.ts';

/** The sections of the reference, in their order. */
export const endpointTags = {
  Orders: 'Place an order and read it again.',
  Products: 'What is sold, and what is popular where.',
  Stock: 'What comes in, and what is found to be more or less.',
  Access: 'API keys, and who may do what.',
  'Original contract': 'The interface of earlier clients. It stays.',
  Pages: 'Pages for people, and the files that these pages load.',
  Health: 'For machines that watch the service.',
} as const;

/** How an endpoint shows its problems to a client whose `Accept` prefers neither a page nor JSON. */
export type ProblemForm = 'json' | 'page_if_wanted' | 'page_unless_json';

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export interface DeclaredRequest {
  /** Of each `:name` in the path. */
  readonly path?: Parameters;
  readonly query?: Parameters;
  /** By names in the spelling of their standard, such as `Idempotency-Key`. */
  readonly headers?: Parameters;
  readonly body?: DeclaredBody<unknown>;
}

export interface DeclaredHeader {
  readonly description: string;
  /** Unless every such answer has it. */
  readonly isOptional?: true;
}

export interface DeclaredAnswer {
  readonly description: string;
  /** By media type: the schema of a JSON body, null for other bodies. */
  readonly content?: Readonly<Record<string, z.ZodType | null>>;
  /** Besides the headers of every answer; names in lower case. */
  readonly headers?: Readonly<Record<string, DeclaredHeader>>;
}

export type DeclaredAnswers = Readonly<Record<number, DeclaredAnswer>>;

/** The parameters and the body of a request, parsed as declared. */
export interface Call<Request extends DeclaredRequest> {
  readonly path: ParsedParameters<Request['path']>;
  readonly query: ParsedParameters<Request['query']>;
  readonly headers: ParsedParameters<Request['headers']>;
  readonly body: Request['body'] extends DeclaredBody<infer Body> ? Body : undefined;
  /** As the endpoint's `scope` lets it in: `anyone` where that is `public`. */
  readonly caller: Caller;
  readonly context: RequestContext;
}

/** A call whose declaration is not known here. */
export interface AnyCall {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly caller: Caller;
  readonly context: RequestContext;
}

type ParsedParameters<Declared> = {
  readonly [Name in keyof Declared]: Declared[Name] extends Parameter<infer Value> ? Value : never;
};

/** An answer of a handler besides problems: one of the declared answers. */
export type DeclaredReply<Answers extends DeclaredAnswers> = {
  readonly [Status in keyof Answers & number]: {
    readonly status: Status;
    /** Besides a declared `set-cookie`. */
    readonly cookies?: readonly string[];
  } & HeadersOf<Answers[Status]['headers']> &
    BodyOf<Answers[Status]['content']>;
}[keyof Answers & number];

type BodyOf<Content> =
  Content extends Readonly<Record<string, unknown>>
    ? JsonOf<Content> | PageOf<Content> | TextOf<Exclude<keyof Content & string, 'text/html'>>
    : NoBody;

type JsonOf<Content> = 'application/json' extends keyof Content
  ? {
      readonly json: Content['application/json'] extends z.ZodType
        ? z.input<Content['application/json']>
        : never;
    }
  : never;

type PageOf<Content> = 'text/html' extends keyof Content ? { readonly page: string | Uint8Array } : never;

/** Also JSON whose text is already made. */
type TextOf<MediaType extends string> = {
  readonly mediaType: MediaType | `${MediaType};${string}`;
  readonly body: string | Uint8Array;
};

type HeadersOf<Declared> =
  Declared extends Readonly<Record<string, DeclaredHeader>>
    ? RequiredNames<Declared> extends never
      ? { readonly headers?: HeaderValues<Declared> }
      : { readonly headers: HeaderValues<Declared> }
    : { readonly headers?: Readonly<Partial<Record<CommonHeader, string>>> };

type HeaderValues<Declared extends Readonly<Record<string, DeclaredHeader>>> = Readonly<
  Record<RequiredNames<Declared>, string>
> &
  Readonly<Partial<Record<CommonHeader | keyof Declared, string>>>;

type RequiredNames<Declared extends Readonly<Record<string, DeclaredHeader>>> = {
  [Name in keyof Declared & string]: Declared[Name] extends { readonly isOptional: true } ? never : Name;
}[keyof Declared & string];

interface Declaration {
  /** Stable and unique, a verb and its object: `operationId` in the OpenAPI document. */
  readonly id: string;
  readonly method: Method;
  /** Segments are fixed or `:name`. */
  readonly path: string;
  readonly tag: keyof typeof endpointTags;
  readonly summary: string;
  readonly description?: string;
  readonly scope: AccessRule;
  /**
   * Every success comes from a batch that has checked the caller's grant, so that a key need not be read before.
   * The endpoint takes a body.
   */
  readonly isGrantChecked?: true;
  /** 'json' unless declared. */
  readonly problemForm?: ProblemForm;
  /** Answered even when so many requests wait for their turn that others are told `busy`; it costs next to nothing. */
  readonly isNeverBusy?: true;
  /** Rate limits count a request only when it finds nothing: a page loads dozens of these files. */
  readonly onlyMissesCount?: true;
  /** Called when the body is not valid, before that is answered. */
  readonly onInvalidBody?: (deps: HttpDependencies) => void;
  /** Called before 422 is answered: the answer that this very request got when it could still be taken, or null. */
  readonly answerBefore?: (
    deps: HttpDependencies,
    call: Pick<AnyCall, 'headers' | 'caller' | 'context'> & { readonly body: UnparsedBody },
  ) => Promise<Reply | null>;
}

/** A declaration as the rest of the program sees it, whatever its handler takes. */
export interface Endpoint extends Declaration {
  readonly request: DeclaredRequest;
  readonly answers: DeclaredAnswers;
  /** Which the handler answers or throws; those of parameters and body come from their declarations. */
  readonly problems: readonly ProblemCode[];
  readonly handle: (deps: HttpDependencies, call: AnyCall) => Reply | Problem | Promise<Reply | Problem>;
}

type Handle<Request extends DeclaredRequest, Answers extends DeclaredAnswers, Code extends ProblemCode> = (
  deps: HttpDependencies,
  call: Call<Request>,
) => DeclaredReply<Answers> | Problem<Code> | Promise<DeclaredReply<Answers> | Problem<Code>>;

/** Pages and the original contract pass over query parameters that they do not take, because links carry those of others. */
export function refusesUnknownParameters({ path }: Pick<Endpoint, 'path'>): boolean {
  return path.startsWith('/api/');
}

/** Declares an endpoint; `endpoints.ts` lists them. */
export function endpoint<
  const Request extends DeclaredRequest,
  const Answers extends DeclaredAnswers,
  const Code extends ProblemCode = never,
>(
  declared: Declaration & {
    readonly request?: Request;
    readonly answers: Answers;
    readonly problems?: readonly Code[];
    readonly handle: Handle<NoInfer<Request>, NoInfer<Answers>, NoInfer<Code>>;
  },
): Endpoint {
  const { request = {}, problems = [], handle } = declared;
  // The call is made by `serve-endpoint.ts` from this same declaration, so it has what the handler takes.
  return { ...declared, request, problems, handle: handle as unknown as Endpoint['handle'] };
}
