package io.lodestone.restore.keys;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which keys are meant, and the names they get. A key is meant where it is one of {@code keys} or
 * begins with one of {@code prefixes}. Immutable.
 *
 * @param renames the longest that fits a key counts; a key that none fits keeps its name
 */
public record KeySelection(List<ByteString> keys, List<ByteString> prefixes, List<Rename> renames) {

  /** Keys that begin with {@code from} begin with {@code to} instead. */
  public record Rename(ByteString from, ByteString to) {}

  public KeySelection {
    keys = List.copyOf(keys);
    prefixes = List.copyOf(prefixes);
    renames =
        renames.stream()
            .sorted(Comparator.comparingInt((Rename rename) -> rename.from().size()).reversed())
            .toList();
  }

  public boolean contains(ByteString key) {
    return keys.contains(key) || prefixes.stream().anyMatch(key::startsWith);
  }

  /** Fails where something is meant that a history of the keys below {@code kept} does not hold. */
  void requireBelow(ByteString kept) {
    Stream.concat(keys.stream(), prefixes.stream())
        .filter(meant -> !meant.startsWith(kept))
        .findFirst()
        .ifPresent(
            meant -> {
              throw new LodestoneException(
                  "the source holds the keys that begin with '"
                      + kept.toStringUtf8()
                      + "' only, and nothing can be said of '"
                      + meant.toStringUtf8()
                      + "'",
                  "choose keys and prefixes below that one");
            });
  }

  /** The name that {@code key} gets. */
  public ByteString renamed(ByteString key) {
    return renames.stream()
        .filter(rename -> key.startsWith(rename.from()))
        .findFirst()
        .map(rename -> moved(key, rename.from(), rename.to()))
        .orElse(key);
  }

  /** The selected names that would become {@code name}; more than one is a clash. */
  List<ByteString> origins(ByteString name) {
    Stream<ByteString> moved =
        renames.stream()
            .filter(rename -> name.startsWith(rename.to()))
            .map(rename -> moved(name, rename.to(), rename.from()));
    return Stream.concat(Stream.of(name), moved)
        .distinct()
        .filter(origin -> contains(origin) && renamed(origin).equals(name))
        .toList();
  }

  /** Prefixes in the target that hold everything that was selected by a prefix. */
  List<ByteString> targetPrefixes() {
    Stream<ByteString> whole = prefixes.stream().map(this::renamed);
    Stream<ByteString> inner =
        renames.stream()
            .filter(rename -> prefixes.stream().anyMatch(rename.from()::startsWith))
            .map(Rename::to);
    List<ByteString> all = Stream.concat(whole, inner).distinct().toList();
    return all.stream().filter(prefix -> !isInside(prefix, all)).toList();
  }

  private static boolean isInside(ByteString prefix, List<ByteString> all) {
    return all.stream().anyMatch(other -> !other.equals(prefix) && prefix.startsWith(other));
  }

  private static ByteString moved(ByteString key, ByteString from, ByteString to) {
    return to.concat(key.substring(from.size()));
  }

  /** A renaming that makes two of the selected keys {@code into} one, if any. */
  Optional<ByteString> clashing(ByteString key, ByteString into) {
    return origins(into).stream().filter(other -> !other.equals(key)).findFirst();
  }
}
