package io.lodestone.repository.chain;

import com.google.protobuf.ByteString;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.UnreachableStoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates objects also where the answer to a first attempt gets lost. */
public final class Creation {
  private static final Logger LOG = LoggerFactory.getLogger(Creation.class);

  private Creation() {}

  /**
   * True when this returns and the object holds {@code bytes}, whether this call or an earlier
   * attempt of ours put them there; false if it holds others. An outcome that stays unknown after a
   * second attempt is thrown: the caller must come back with the same bytes.
   */
  public static boolean create(ObjectStore store, String name, ByteString bytes)
      throws IOException {
    try {
      return store.create(name, bytes) || holds(store, name, bytes);
    } catch (UnreachableStoreException | IOException e) {
      LOG.atWarn().addKeyValue("object", name).setCause(e).log("create has an unknown outcome");
    }
    return store.create(name, bytes) || holds(store, name, bytes);
  }

  private static boolean holds(ObjectStore store, String name, ByteString bytes)
      throws IOException {
    try (InputStream stored = store.read(name, 0, bytes.size() + 1L);
        InputStream ours = bytes.newInput()) {
      byte[] left = new byte[1 << 16];
      byte[] right = new byte[1 << 16];
      while (true) {
        int count = stored.readNBytes(left, 0, left.length);
        int expected = ours.readNBytes(right, 0, right.length);
        if (!Arrays.equals(left, 0, count, right, 0, expected)) {
          return false;
        }
        if (count == 0) {
          return true;
        }
      }
    }
  }
}
