package io.lodestone.repository.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises, as {@link ObjectStore} says it. Each store runs this suite. */
abstract class ObjectStoreContract {
  private static final ByteString SOME = ByteString.copyFromUtf8("some bytes");
  private static final ByteString OTHER = ByteString.copyFromUtf8("other");

  private ObjectStore store;

  /** A store that is empty for the test. */
  abstract ObjectStore openStore() throws Exception;

  @BeforeEach
  void open() throws Exception {
    store = openStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** A repetition inside the store, after a lost answer, finds what the first attempt has made. */
  private boolean made(String name, ByteString bytes) throws Exception {
    return store.create(name, bytes) || read(name, 0, bytes.size() + 1L).equals(bytes);
  }

  @Test
  void whatWasCreatedIsReadBack() throws Exception {
    assertThat(made("a/b/c.json", SOME)).isTrue();
    assertThat(read("a/b/c.json", 0, 1_000)).isEqualTo(SOME);
    assertThat(store.size("a/b/c.json")).hasValue(SOME.size());
  }

  @Test
  void createDoesNotReplace() throws Exception {
    store.create("a", SOME);
    assertThat(store.create("a", OTHER)).isFalse();
    assertThat(read("a", 0, 1_000)).isEqualTo(SOME);
  }

  @Test
  void overwriteReplaces() throws Exception {
    store.overwrite("a/note", SOME);
    store.overwrite("a/note", OTHER);
    assertThat(read("a/note", 0, 1_000)).isEqualTo(OTHER);
    assertThat(store.size("a/note")).hasValue(OTHER.size());
  }

  @Test
  void anEmptyObjectIsAnObject() throws Exception {
    assertThat(made("empty", ByteString.EMPTY)).isTrue();
    assertThat(store.size("empty")).hasValue(0);
    assertThat(read("empty", 0, 10)).isEqualTo(ByteString.EMPTY);
  }

  @Test
  void rangesAreCutToTheObject() throws Exception {
    store.create("a", SOME);
    assertThat(read("a", 5, 5)).isEqualTo(SOME.substring(5, 10));
    assertThat(read("a", 2, 3)).isEqualTo(SOME.substring(2, 5));
    assertThat(read("a", 8, 100)).isEqualTo(SOME.substring(8));
    assertThat(read("a", 10, 100)).isEqualTo(ByteString.EMPTY);
    assertThat(read("a", 3, 0)).isEqualTo(ByteString.EMPTY);
  }

  @Test
  void aMissingObjectIsToldApart() throws Exception {
    store.create("a/b", SOME);
    assertThat(store.size("a/c")).isEmpty();
    assertThatThrownBy(() -> read("a/c", 0, 10))
        .isInstanceOf(MissingObjectException.class)
        .hasMessageContaining("a/c");
  }

  @Test
  void deletingTwiceIsNoFailure() throws Exception {
    store.create("a", SOME);
    store.delete("a");
    store.delete("a");
    assertThat(store.size("a")).isEmpty();
    assertThat(store.create("a", OTHER)).isTrue();
  }

  @Test
  void aLargeObjectOfManyPiecesIsStoredWhole() throws Exception {
    byte[] piece = new byte[1 << 20];
    new Random(1).nextBytes(piece);
    ByteString large = ByteString.EMPTY;
    for (int i = 0; i < 9; i++) {
      large = large.concat(ByteString.copyFrom(piece));
    }
    assertThat(store.create("large", large)).isTrue();
    assertThat(store.create("large", large)).isFalse();
    assertThat(read("large", 0, large.size() + 1L)).isEqualTo(large);
    assertThat(read("large", (5 << 20) - 3, 7))
        .isEqualTo(large.substring((5 << 20) - 3, (5 << 20) + 4));
  }

  @Test
  void namesAreListedInTheOrderOfTheirBytes() throws Exception {
    for (String name : List.of("x/2", "x/10", "x/1", "x-y/3", "x/3/deep", "y/1")) {
      store.create(name, SOME);
    }
    assertThat(names("", "")).containsExactly("x-y/3", "x/1", "x/10", "x/2", "x/3/deep", "y/1");
  }

  @Test
  void listingBeginsBehindTheNameGiven() throws Exception {
    for (int i = 0; i < 5; i++) {
      store.create("log/" + i, SOME);
      store.create("parts/" + i + "/1", SOME);
    }
    store.create("logs", SOME);
    assertThat(names("log/", "log/2")).containsExactly("log/3", "log/4");
    assertThat(names("log/", "log/25")).containsExactly("log/3", "log/4");
    assertThat(names("log/", "log/4")).isEmpty();
    assertThat(names("parts/3", "")).containsExactly("parts/3/1");
    assertThat(names("none/", "")).isEmpty();
    assertThat(names("", "log/4")).startsWith("logs", "parts/0/1");
  }

  @Test
  void aListingOfMoreThanOnePageIsWhole() throws Exception {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      expected.add(String.format("many/%020d", i));
      store.create(expected.get(i), SOME);
    }
    assertThat(names("many/", "")).isEqualTo(expected);
  }

  @Test
  void ofConcurrentCreatorsExactlyOneWins() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 5; round++) {
        String name = "race/" + round;
        List<Callable<Boolean>> creators = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          ByteString bytes = ByteString.copyFromUtf8("writer " + i);
          creators.add(() -> store.create(name, bytes));
        }
        int winners = 0;
        for (Future<Boolean> created : executor.invokeAll(creators)) {
          winners += created.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void namesThatCouldLeaveTheRootAreRefused() {
    for (String name : List.of("../a", "a/../../b", "/a", "a//b", "", "a/", "a b", "a\\b", ".")) {
      assertThatThrownBy(() -> store.create(name, SOME))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private ByteString read(String name, long offset, long length) throws IOException {
    try (InputStream in = store.read(name, offset, length)) {
      return ByteString.readFrom(in);
    }
  }

  private List<String> names(String prefix, String startAfter) throws IOException {
    List<String> names = new ArrayList<>();
    store
        .list(prefix, startAfter)
        .forEachRemaining(
            object -> {
              assertThat(object.sizeBytes()).isEqualTo(SOME.size());
              names.add(object.name());
            });
    return names;
  }
}
