/**
 * The keys that contents are encrypted with on the client's side: Tink's keysets, and where they
 * come from. Start at {@link Keysets}. Everything here is immutable or thread-safe.
 */
package io.lodestone.repository.keys;
