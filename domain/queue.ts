import type { Instant } from './time.ts';

type Work = (at: Instant) => unknown;

/** What is to be done, by its time; of the same time, what was put in first. */
export class Queue {
  #heap: { at: Instant; nth: number; work: Work }[] = [];
  #count = 0;

  add(at: Instant, work: Work) {
    const heap = this.#heap;
    heap.push({ at, nth: this.#count++, work });
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** The first that is not after `end`, taken out; null: there is none. */
  next(end: Instant): (() => unknown) | null {
    const heap = this.#heap;
    if (heap.length === 0 || heap[0].at > end) return null;
    const { at, work } = heap[0];
    const last = heap.pop()!;
    if (heap.length > 0) heap[0] = last;
    for (let parent = 0; ; ) {
      const children = [2 * parent + 1, 2 * parent + 2].filter((child) => child < heap.length);
      const first = children.length === 2 && this.#isBefore(children[1], children[0]) ? children[1] : children[0];
      if (first === undefined || !this.#isBefore(first, parent)) break;
      this.#swap(first, parent);
      parent = first;
    }
    return () => work(at);
  }

  #isBefore(a: number, b: number) {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    return one.at < other.at || (one.at === other.at && one.nth < other.nth);
  }

  #swap(a: number, b: number) {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b], this.#heap[a]];
  }
}
