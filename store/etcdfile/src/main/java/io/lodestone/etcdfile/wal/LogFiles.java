package io.lodestone.etcdfile.wal;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.etcdfile.wal.LogSurvey.SnapshotId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the files of a log by their names; others are passed over. */
final class LogFiles {
  private static final int HEX = 16;
  private static final Pattern SEGMENT = Pattern.compile("([0-9a-f]{16})-[0-9a-f]{16}\\.wal");
  private static final Pattern SNAPSHOT = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.snap");

  private LogFiles() {}

  /** All WAL files in order; fails where there is none or one is missing between two others. */
  static List<Path> segments(Path directory) throws IOException {
    List<Path> segments =
        list(directory).stream().filter(path -> matches(SEGMENT, path)).sorted().toList();
    if (segments.isEmpty()) {
      throw new LodestoneException(
          directory + " holds no WAL file",
          "name the data directory of an etcd member, and its --wal-dir if it has one");
    }
    for (int i = 1; i < segments.size(); i++) {
      if (sequence(segments.get(i)) != sequence(segments.get(i - 1)) + 1) {
        throw new TruncatedDataException(
            directory
                + ": a WAL file is missing between "
                + segments.get(i - 1).getFileName()
                + " and "
                + segments.get(i).getFileName(),
            "copy the whole directory, or use another member's");
      }
    }
    return segments;
  }

  /** All .snap files, the newest first. */
  static List<SnapFile> snapshots(Path directory) throws IOException {
    return list(directory).stream()
        .filter(path -> matches(SNAPSHOT, path))
        .sorted(Comparator.reverseOrder())
        .map(path -> new SnapFile(path, id(path)))
        .toList();
  }

  static Set<SnapshotId> ids(List<SnapFile> files) {
    Set<SnapshotId> ids = new HashSet<>();
    files.forEach(file -> ids.add(file.id()));
    return ids;
  }

  private static List<Path> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new LodestoneException(
          directory + " is not a directory", "name the data directory of an etcd member");
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static boolean matches(Pattern pattern, Path path) {
    return pattern.matcher(path.getFileName().toString()).matches();
  }

  private static long sequence(Path segment) {
    return hexGroup(SEGMENT, segment, 1);
  }

  private static SnapshotId id(Path snapshot) {
    return new SnapshotId(hexGroup(SNAPSHOT, snapshot, 1), hexGroup(SNAPSHOT, snapshot, 2));
  }

  private static long hexGroup(Pattern pattern, Path path, int group) {
    Matcher matcher = pattern.matcher(path.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(path + " does not match " + pattern);
    }
    return Long.parseUnsignedLong(matcher.group(group), HEX);
  }
}
