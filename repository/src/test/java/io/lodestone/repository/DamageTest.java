package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damage of every kind to every object that a restore reads: both the restore and verify fail, and
 * name the object.
 */
final class DamageTest {
  private static final List<StreamItem> ITEMS = Histories.some(51);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());

  @TempDir Path folder;
  private MemoryObjectStore store;

  /** CLAIM, BASE with parts, SEGMENT; then a restarted agent: CLAIM, SEGMENT, SEGMENT. */
  @BeforeEach
  void write() throws Exception {
    store = new MemoryObjectStore();
    int half = ITEMS.size() - 40;
    while (!(ITEMS.get(half - 1) instanceof StreamItem.Complete)) {
      half--;
    }
    Histories.write(store, ITEMS.subList(0, half), 1_000);
    Histories.write(store, ITEMS.subList(half, ITEMS.size()), 4);
    assertThat(Histories.read(store)).isEqualTo(ITEMS);
    assertThat(objectsOfARestore()).hasSizeGreaterThan(10);
  }

  @Test
  void aTruncatedObjectIsNamedWithTheOffsetWhereItEnds() throws Exception {
    for (String name : objectsOfARestore()) {
      ByteString bytes = bytes(name);
      for (int length : new int[] {0, 11, 20, bytes.size() / 2, bytes.size() - 1}) {
        store.overwrite(name, bytes.substring(0, length));
        bothFail(name, "object " + name + ", offset " + length + ": it ends here");
      }
      store.overwrite(name, bytes);
    }
  }

  @Test
  void oneFlippedBitAnywhereIsNamedWithAnOffset() throws Exception {
    for (String name : objectsOfARestore()) {
      ByteString bytes = bytes(name);
      for (int at = 0; at < bytes.size(); at += 1 + bytes.size() / 40) {
        byte[] flipped = bytes.toByteArray();
        flipped[at] ^= 0x10;
        store.overwrite(name, ByteString.copyFrom(flipped));
        bothFail(name, at >= 8 && at < 12 ? name : name + ", offset ");
      }
      store.overwrite(name, bytes);
    }
  }

  @Test
  void aMissingObjectIsNamed() throws Exception {
    for (String name : objectsOfARestore()) {
      ByteString bytes = bytes(name);
      store.delete(name);
      bothFail(name, "object " + name + " is missing");
      store.overwrite(name, bytes);
    }
  }

  @Test
  void anObjectInThePlaceOfAnotherIsNamed() throws Exception {
    List<String> names = objectsOfARestore();
    for (String name : names) {
      ByteString bytes = bytes(name);
      for (String other : names) {
        if (!other.equals(name)) {
          store.overwrite(name, bytes(other));
          bothFail(name, "object " + name + ", offset 0");
        }
      }
      store.overwrite(name, bytes);
    }
  }

  @Test
  void anEntryThatWasCopiedBehindTheEndIsNamed() throws Exception {
    List<String> entries = names(NAMES.entries());
    String copy = NAMES.entry(entries.size() + 1L);
    for (String entry : entries) {
      store.overwrite(copy, bytes(entry));
      bothFail(copy, "object " + copy + ", offset 0");
    }
  }

  @Test
  void whatSomeStoresShowWhileAnEntryIsBeingWrittenHindersNobody() throws Exception {
    List<StreamItem> items = Histories.read(store);
    store.overwrite(NAMES.entry(2) + "-fa912b5f", ByteString.copyFromUtf8("half"));
    store.overwrite(NAMES.entry(1L << 40) + "-fa912b5f", ByteString.EMPTY);

    assertThat(Histories.read(store)).isEqualTo(items);
    VerifyReport report = Repository.open(store).verify(VerifyReport.Progress.NONE);
    assertThat(report.problems()).isEmpty();
    assertThat(report.orphans()).isEqualTo(2);
  }

  @Test
  void anEntryOfAnotherHistoryDoesNotFitIntoTheChain() throws Exception {
    MemoryObjectStore other = new MemoryObjectStore();
    Histories.write(other, ITEMS, 4);
    String name = NAMES.entry(4);
    store.overwrite(name, bytes(other, name));
    assertThatThrownBy(() -> Histories.read(store))
        .isInstanceOf(LodestoneException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("it follows an entry with hash");
    assertThat(problems()).contains(name);
  }

  @Test
  void aDamagedKeyIndexIsNamedByVerifyAndHindersNobody() throws Exception {
    List<String> indexes = names(NAMES.parts()).stream().filter(NAMES::isKeyIndex).toList();
    assertThat(indexes).isNotEmpty();
    ByteString key =
        ITEMS.stream()
            .filter(item -> item instanceof RevisionRecord row && !row.tombstone())
            .reduce((older, newer) -> newer)
            .map(item -> ((RevisionRecord) item).key())
            .orElseThrow();
    Contents contents = Repository.open(store).contents(Histories.LINEAGE, folder);
    List<KeyVersion> whole = versions(contents, key);
    for (String name : indexes) {
      ByteString bytes = bytes(name);
      for (int at = 0; at < bytes.size(); at += 1 + bytes.size() / 40) {
        byte[] flipped = bytes.toByteArray();
        flipped[at] ^= 0x10;
        store.overwrite(name, ByteString.copyFrom(flipped));
        assertThat(problems()).as("byte %d", at).containsExactly(name);
        assertThat(Histories.read(store)).isEqualTo(ITEMS);
        boolean unknownVersion = at >= 8 && at < 12;
        if (!unknownVersion) {
          assertThat(versions(contents, key)).as("byte %d", at).isEqualTo(whole);
        }
      }
      store.delete(name);
      assertThat(problems()).isEmpty();
      assertThat(versions(contents, key)).isEqualTo(whole);
      store.overwrite(name, bytes);
    }
  }

  private static List<KeyVersion> versions(Contents contents, ByteString key) throws Exception {
    List<KeyVersion> versions = new ArrayList<>();
    contents.history(key, versions::add);
    return versions;
  }

  @Test
  void whatCannotBeReadNowIsNoDamage() throws Exception {
    for (String name : objectsOfARestore()) {
      ObjectStore away =
          new ForwardingStore(store) {
            @Override
            public InputStream read(String object, long offset, long length) throws IOException {
              if (object.equals(name)) {
                throw new UnreachableStoreException("the server does not answer", "wait", null);
              }
              return super.read(object, offset, length);
            }
          };
      assertThatThrownBy(() -> Repository.open(away).verify(VerifyReport.Progress.NONE))
          .isInstanceOf(UnreachableStoreException.class);
    }
  }

  @Test
  void verifyGoesOnBehindTheFirstProblem() throws Exception {
    List<String> names = objectsOfARestore();
    String first = names.get(0);
    String last = names.get(names.size() - 1);
    store.overwrite(first, bytes(first).substring(1));
    store.overwrite(last, bytes(last).substring(1));
    assertThat(problems()).contains(first, last);
  }

  @Test
  void partsOfAWriterThatDiedAreCountedAndHarmless() throws Exception {
    store.create(NAMES.part(LineageNames.set(9, 1), 1), ByteString.copyFromUtf8("left over"));
    VerifyReport report = Repository.open(store).verify(Progress.NONE);
    assertThat(report.isIntact()).isTrue();
    assertThat(report.orphans()).isEqualTo(1);
    assertThat(report.records())
        .isEqualTo(ITEMS.stream().filter(RevisionRecord.class::isInstance).count());
  }

  /** All entries from the base on, and all parts. */
  private List<String> objectsOfARestore() throws IOException {
    List<String> names = names(NAMES.entries());
    names.remove(NAMES.entry(1));
    names(NAMES.parts()).stream().filter(name -> !NAMES.isKeyIndex(name)).forEach(names::add);
    return names;
  }

  private List<String> names(String prefix) throws IOException {
    List<String> names = new ArrayList<>();
    Iterator<StoredObject> objects = store.list(prefix, "");
    objects.forEachRemaining(object -> names.add(object.name()));
    return names;
  }

  private void bothFail(String object, String message) throws Exception {
    assertThatThrownBy(() -> Histories.read(store))
        .as("restore with damage in %s", object)
        .isInstanceOfSatisfying(LodestoneException.class, e -> assertThat(e.hint()).isNotEmpty())
        .hasMessageContaining(message);
    assertThat(problems()).as("verify with damage in %s", object).contains(object);
  }

  private List<String> problems() throws Exception {
    return Repository.open(store).verify(Progress.NONE).problems().stream()
        .map(VerifyReport.Problem::object)
        .toList();
  }

  private ByteString bytes(String name) throws IOException {
    return bytes(store, name);
  }

  private static ByteString bytes(MemoryObjectStore store, String name) throws IOException {
    try (InputStream in = store.read(name, 0, Integer.MAX_VALUE)) {
      return ByteString.readFrom(in);
    }
  }
}
