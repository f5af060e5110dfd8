package io.lodestone.restore.gardener;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of an object says: {@code Full-00000000-00012345-1700000000.gz}, of kind, first and
 * last revision, seconds since 1970, how it is compressed, and whether it is the last one that was
 * taken before its cluster was moved ({@code .final}). Immutable.
 *
 * @param name the whole of it, with the directories before
 * @param firstRevision 0 of a snapshot
 * @param lastRevision the last one in it; a snapshot may hold later ones
 * @param created by etcd-backup-restore's clock, in whole seconds
 */
record ChainObject(
    String name,
    boolean full,
    long firstRevision,
    long lastRevision,
    Instant created,
    Compression compression,
    long sizeBytes) {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:.*/)?(Full|Incr)-([0-9]{8,18})-([0-9]{8,18})-([0-9]{1,12})(\\.gz|\\.zlib|\\.Z)?(\\.final)?");

  /** How an object's bytes are compressed, by the end of its name. */
  enum Compression {
    NONE,
    GZIP,
    ZLIB,
    LZW;

    private static Compression of(String suffix) {
      return switch (suffix) {
        case ".gz" -> GZIP;
        case ".zlib" -> ZLIB;
        case ".Z" -> LZW;
        default -> NONE;
      };
    }
  }

  /** Empty for the name of anything else. */
  static Optional<ChainObject> of(String name, long sizeBytes) {
    Matcher match = NAME.matcher(name);
    if (!match.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ChainObject(
            name,
            match.group(1).equals("Full"),
            Long.parseLong(match.group(2)),
            Long.parseLong(match.group(3)),
            Instant.ofEpochSecond(Long.parseLong(match.group(4))),
            Compression.of(match.group(5) == null ? "" : match.group(5)),
            sizeBytes));
  }
}
