export interface SingleFlight<K, V> {
  /** Runs `work` unless a run for `key` is under way: then everybody shares its outcome. Outcomes are not kept. */
  run(key: K, work: () => Promise<V>): Promise<V>;
}

export function createSingleFlight<K, V>(): SingleFlight<K, V> {
  const flights = new Map<K, Promise<V>>();
  return {
    run(key, work) {
      const present = flights.get(key);
      if (present) return present;
      const flight = Promise.resolve()
        .then(work)
        .finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
