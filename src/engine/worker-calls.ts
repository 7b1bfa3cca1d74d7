/** Calls of functions that run in a worker. */

import { InputError } from '../shared/errors';
import { startWorker, workerError } from '../shared/tasks';

/** The functions of a worker, by name. */
type Functions<C> = { [M in keyof C]: (...args: never[]) => unknown };

/** The worker's message after a call. */
interface Answer {
  id: number;
  value?: unknown;
  /** Message of the error, if the call threw one; `input` is true for an InputError. */
  error?: string;
  input?: boolean;
}

/** A worker whose functions the page calls through messages. Calls run in order. */
export class WorkerCalls<C extends Functions<C>> {
  private worker: Worker;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  private nextId = 0;
  /** Why the worker does not answer, if it did not start. */
  private failure: Error | undefined;

  constructor(private readonly make: () => Worker) {
    this.worker = this.start();
  }

  /** Aborting ends the worker, because a busy one cannot be interrupted, and starts another. @throws what the function throws; the signal's reason */
  call<M extends keyof C>(
    signal: AbortSignal | undefined,
    method: M,
    ...args: Parameters<C[M]>
  ): Promise<Awaited<ReturnType<C[M]>>> {
    signal?.throwIfAborted();
    if (this.failure) return Promise.reject(this.failure);
    const id = this.nextId++;
    const stop = () => {
      this.end(signal?.reason);
      this.worker = this.start();
    };
    signal?.addEventListener('abort', stop);
    return new Promise<Awaited<ReturnType<C[M]>>>((resolve, reject) => {
      // A message carries no types. C gives those of the values, and the worker implements it.
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.postMessage({ id, method, args });
    }).finally(() => signal?.removeEventListener('abort', stop));
  }

  /** Ends the worker. Open calls throw `reason`. */
  end(reason: unknown): void {
    this.worker.terminate();
    this.rejectAll(reason);
  }

  private start(): Worker {
    const worker = startWorker(this.make);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const call = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error === undefined) call?.resolve(data.value);
      else call?.reject(data.input ? new InputError(data.error) : new Error(data.error));
    };
    this.failure = undefined;
    // It may come before the first call.
    worker.onerror = (event) => {
      this.failure = workerError(event);
      this.rejectAll(this.failure);
    };
    return worker;
  }

  private rejectAll(reason: unknown): void {
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
  }
}

/** Answers calls in a worker by these functions. */
export function answerCalls<C extends Functions<C>>(functions: C): void {
  addEventListener('message', ({ data: { id, method, args } }) => {
    try {
      const call = functions[method as keyof C] as unknown as (...args: unknown[]) => unknown;
      postMessage({ id, value: call(...args) });
    } catch (error) {
      postMessage({ id, error: (error as Error).message, input: error instanceof InputError });
    }
  });
}
