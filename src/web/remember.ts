/** What was made of an object is kept as long as the object is, and made once. */
export function remember<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

/** The same for what depends on one thing more: of each object, what was made for the last such thing is kept. */
export function rememberLast<Key extends object, Detail, Value>(
  make: (key: Key, detail: Detail) => Value,
): (key: Key, detail: Detail) => Value {
  const known = new WeakMap<Key, { readonly detail: Detail; readonly value: Value }>();
  return (key, detail) => {
    const before = known.get(key);
    if (before !== undefined && before.detail === detail) return before.value;
    const value = make(key, detail);
    known.set(key, { detail, value });
    return value;
  };
}
