package io.lodestone.migrate.v2;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import java.util.Optional;

/**
 * What becomes of v2 nodes. Immutable.
 *
 * @param path the v2 directory that is taken over, beginning with a slash and not ending with one;
 *     empty for the root
 * @param prefix stands before each node's whole path
 * @param keepDirectories whether a directory becomes a key that ends with a slash and has no value;
 *     else directories are not told of
 */
public record V2Mapping(String path, String prefix, boolean keepDirectories) {
  public V2Mapping {
    if (!path.isEmpty() && (!path.startsWith("/") || path.endsWith("/"))) {
      throw new IllegalArgumentException(path + " has to begin with a slash, and not to end so");
    }
  }

  /** The key of a node; empty where it gets none. */
  Optional<ByteString> key(V2Entry entry) {
    if (entry.value().isPresent()) {
      return Optional.of(ByteString.copyFromUtf8(prefix + entry.path()));
    }
    return keepDirectories
        ? Optional.of(ByteString.copyFromUtf8(prefix + entry.path() + "/"))
        : Optional.empty();
  }

  /** All keys that nodes can get. */
  KeyRange range() {
    return KeyRange.prefix(ByteString.copyFromUtf8(prefix + path + "/"));
  }
}
