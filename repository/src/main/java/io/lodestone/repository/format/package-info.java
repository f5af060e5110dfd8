/**
 * The bytes of format version 1, as {@code docs/formats/repository.md} lays them down: items in
 * frames, frames in sealed objects, headers in JSON. Knows nothing of stores, chains or time.
 *
 * <p>Start at {@link SealedObject}. Everything read here comes from outside: lengths are checked
 * before anything is allocated, and each failure names the object and the offset in it.
 */
package io.lodestone.repository.format;
