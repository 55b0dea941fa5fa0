/**
 * The shape of what crosses between a host thread and a worker thread: requests by method, replies, statistics.
 * Plain data only, copied by structured clone. The methods themselves are named by `indexWorker.ts` and `recallWorker.ts`.
 */

/** Every request of one worker by name, with its parameters and result. */
export type WorkerMethods = Readonly<Record<string, { readonly params: unknown; readonly result: unknown }>>;

/** One request of any method, `params` matching `method`. */
export type WorkerRequest<Methods> = {
  readonly [M in keyof Methods]: Methods[M] extends { readonly params: infer Params } ? { readonly kind: "request"; readonly id: number; readonly method: M; readonly params: Params } : never;
}[keyof Methods];

/** Result of any method. */
export type WorkerResult<Methods> = { readonly [M in keyof Methods]: Methods[M] extends { readonly result: infer Result } ? Result : never }[keyof Methods];

/** To the worker. A cancelled request gets no reply. */
export type ToWorker<Methods> = WorkerRequest<Methods> | { readonly kind: "cancel"; readonly id: number };

/** From the worker. `statistics` comes at least once a second while it works in the background: also its sign of life. */
export type FromWorker<Methods, Statistics> =
  | { readonly kind: "result"; readonly id: number; readonly result: WorkerResult<Methods> }
  | { readonly kind: "error"; readonly id: number; readonly message: string }
  | { readonly kind: "statistics"; readonly statistics: Statistics };
