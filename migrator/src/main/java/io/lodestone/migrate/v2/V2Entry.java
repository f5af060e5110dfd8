package io.lodestone.migrate.v2;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A node of the v2 tree. Immutable.
 *
 * @param path from the root, beginning with a slash
 * @param value empty for a directory
 * @param ttlSeconds what is left to it or to one of the directories above it, whichever ends first
 */
record V2Entry(String path, Optional<String> value, OptionalLong ttlSeconds) {}
