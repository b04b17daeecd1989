/** Makes a value from an object once, and keeps it as long as the object exists. */
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

/** The same for a value that depends on more than the object: of each object, the value for the last details is kept. */
export function rememberLast<Key extends object, Details extends readonly unknown[], Value>(
  make: (key: Key, ...details: Details) => Value,
): (key: Key, ...details: Details) => Value {
  const known = new WeakMap<Key, { readonly details: Details; readonly value: Value }>();
  return (key, ...details) => {
    const before = known.get(key);
    if (before?.details.every((detail, i) => detail === details[i]) === true) return before.value;
    const value = make(key, ...details);
    known.set(key, { details, value });
    return value;
  };
}
