package io.lodestone.repository.format;

/**
 * What the header of an object says whose content is encrypted. Immutable.
 *
 * @param keyId of the key in its keyset, unsigned 32 bits
 */
public record Encryption(long keyId) {}
