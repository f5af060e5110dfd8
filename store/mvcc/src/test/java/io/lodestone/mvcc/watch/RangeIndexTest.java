package io.lodestone.mvcc.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.KeyRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;

class RangeIndexTest {
  @RepeatedTest(3)
  void findsWhatALookAtEveryWatcherFinds() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    WatcherIndex index = new WatcherIndex();
    List<Watcher> watchers = new ArrayList<>();
    for (int round = 0; round < 3000; round++) {
      if (watchers.isEmpty() || random.nextInt(3) > 0) {
        Watcher watcher = watcher(random);
        watchers.add(watcher);
        index.add(watcher);
      } else {
        index.remove(watchers.remove(random.nextInt(watchers.size())));
      }
      ByteString key = key(random);
      Set<Watcher> found = new HashSet<>();
      index.forEachOn(key, watcher -> assertThat(found.add(watcher)).isTrue());
      Set<Watcher> expected = new HashSet<>(watchers);
      expected.removeIf(watcher -> !watcher.request().range().contains(key));
      assertThat(found).as("seed %d, round %d", seed, round).isEqualTo(expected);
    }
  }

  private static Watcher watcher(Random random) {
    ByteString end =
        switch (random.nextInt(5)) {
          case 0 -> ByteString.EMPTY;
          case 1 -> KeyRange.all().end();
          default -> key(random);
        };
    WatchRequest request = new WatchRequest(new KeyRange(key(random), end), 0, Set.of(), false);
    return request.isEmpty() ? watcher(random) : new Watcher(null, request, null);
  }

  private static ByteString key(Random random) {
    byte[] key = new byte[1 + random.nextInt(2)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(40) - 20);
    }
    return ByteString.copyFrom(key);
  }
}
