/** Compaction without being asked: {@code --auto-compaction-mode} and {@code -retention}. */
package io.lodestone.server.compaction;
