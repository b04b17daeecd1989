/**
 * Whether a host is this machine, by name or loopback address: no other machine can read the bytes sent there.
 * @param hostname without its port; an IPv6 address with or without brackets
 */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/.test(hostname);
}
