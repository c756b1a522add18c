/** A record has whatever keys it has; of an object each field may be missing. */
type Defined<T> = string extends keyof T
  ? { [Key in keyof T]: Exclude<T[Key], undefined> }
  : { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The fields that are not undefined: for objects in which what is left out must not be there at all. */
export function defined<T extends object>(fields: T): Defined<T>;
export function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
