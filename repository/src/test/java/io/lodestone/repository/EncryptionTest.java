package io.lodestone.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.Holder;
import io.lodestone.repository.keys.Keyset;
import io.lodestone.repository.keys.Keysets;
import io.lodestone.repository.objects.FileObjectStore;
import io.lodestone.repository.objects.MemoryObjectStore;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.SharedS3Server;
import io.lodestone.repository.objects.SharedS3Server.Running;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamOrder;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Contents that nobody reads without their key, and that everybody with it reads as before. */
@ExtendWith(SharedS3Server.class)
final class EncryptionTest {
  private static final List<StreamItem> ITEMS = Histories.some(91);
  private static final LineageNames NAMES = new LineageNames(Histories.LINEAGE.toString());
  private static final Levels LEVELS =
      new Levels(List.of(Duration.ofMillis(20), Duration.ofMillis(80)), 1L << 30);
  private static final Keyset KEYS = Keyset.generate();

  @TempDir Path folder;

  @Test
  void everythingWorksAsInTheClear(Running running) throws Exception {
    checkAll(new FileObjectStore(folder.resolve("files")));
    try (ObjectStore bucket = running.freshS3()) {
      checkAll(bucket);
    }
  }

  private void checkAll(ObjectStore store) throws Exception {
    write(store, KEYS, ITEMS);
    assertThat(read(store, KEYS)).isEqualTo(ITEMS);
    Repository repository = Repository.open(store, KEYS);
    repository.compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS);
    assertThat(read(store, KEYS)).isEqualTo(ITEMS);
    Contents contents = repository.contents(Histories.LINEAGE, folder);
    RevisionRecord last = lastPut();
    assertThat(contents.get(last.key(), 60)).contains(last);
    List<KeyVersion> versions = new ArrayList<>();
    contents.history(last.key(), versions::add);
    assertThat(versions).last().extracting(KeyVersion::revision).isEqualTo(last.main());
    assertThat(
            repository.synthesizeBase(
                Histories.LINEAGE, new Holder("m", "h", 1), Histories.SMALL_PARTS, folder))
        .isTrue();
    assertThat(repository.verify(Progress.NONE).problems()).isEmpty();
    nothingIsInTheClear(store);
  }

  /** The last put of a key that is not deleted behind it. */
  private static RevisionRecord lastPut() {
    List<RevisionRecord> rows =
        ITEMS.stream()
            .filter(RevisionRecord.class::isInstance)
            .map(RevisionRecord.class::cast)
            .toList();
    return rows.stream()
        .filter(row -> !row.tombstone())
        .filter(
            row ->
                rows.stream()
                    .noneMatch(
                        later ->
                            later.key().equals(row.key())
                                && later.revision().isAfter(row.revision())))
        .reduce((older, newer) -> newer)
        .orElseThrow();
  }

  private static void nothingIsInTheClear(ObjectStore store) throws Exception {
    int encrypted = 0;
    Iterator<StoredObject> all = store.list("", "");
    while (all.hasNext()) {
      String name = all.next().name();
      byte[] bytes = bytes(store, name).toByteArray();
      String text = HexFormat.of().formatHex(bytes);
      assertThat(text)
          .as(name)
          .doesNotContain(HexFormat.of().formatHex("key-".getBytes(StandardCharsets.UTF_8)));
      encrypted +=
          new String(bytes, StandardCharsets.ISO_8859_1).contains("\"encryption\":{\"keyId\":")
              ? 1
              : 0;
      if (NAMES.isKeyIndex(name)) {
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("\"first\":");
      }
    }
    assertThat(encrypted).isGreaterThan(10);
  }

  @Test
  void withoutTheKeyOnlyWhatIsThereCanBeTold() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    write(store, KEYS, ITEMS);
    Repository keyless = Repository.open(store);
    assertThat(keyless.describe().lineages().get(0).ranges().get(0).lastRevision()).isEqualTo(60);
    needsAKey(() -> read(store, ContentCipher.NONE));
    needsAKey(() -> keyless.contents(Histories.LINEAGE, folder).get(lastPut().key(), 60));
    needsAKey(() -> keyless.verify(Progress.NONE));
    needsAKey(() -> keyless.compact(Histories.LINEAGE, LEVELS, Histories.SMALL_PARTS));
    needsAKey(() -> write(store, ContentCipher.NONE, List.of()));

    Keyset other = Keyset.generate();
    assertThatThrownBy(() -> read(store, other))
        .isInstanceOf(LodestoneException.class)
        .isNotInstanceOf(CorruptDataException.class)
        .hasMessageContaining("is encrypted with key " + KEYS.newest().orElseThrow().keyId())
        .hasMessageContaining("the keyset has " + other.keyIds());
  }

  private static void needsAKey(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LodestoneException.class, e -> assertThat(e.hint()).contains("--keyset"))
        .hasMessageContaining("encrypted");
  }

  @Test
  void newObjectsUseTheNewestKeyAndOldOnesStayReadable() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    int middle = ITEMS.size() / 2;
    while (!(ITEMS.get(middle - 1) instanceof Complete)) {
      middle++;
    }
    write(store, KEYS, ITEMS.subList(0, middle));
    Keyset rotated = Keyset.parse(KEYS.rotated().toJson(), "memory");
    assertThat(rotated.keyIds()).hasSize(2).containsAll(KEYS.keyIds());
    write(store, rotated, ITEMS.subList(middle, ITEMS.size()));
    assertThat(read(store, rotated)).isEqualTo(ITEMS);
    assertThat(Repository.open(store, rotated).verify(Progress.NONE).problems()).isEmpty();
    assertThatThrownBy(() -> read(store, KEYS))
        .hasMessageContaining("key " + rotated.newest().orElseThrow().keyId());
  }

  @Test
  void aRepositoryInTheClearIsEncryptedFromNowOn() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    int middle = ITEMS.size() / 2;
    while (!(ITEMS.get(middle - 1) instanceof Complete)) {
      middle++;
    }
    Histories.write(store, ITEMS.subList(0, middle), 4);
    write(store, KEYS, ITEMS.subList(middle, ITEMS.size()));
    assertThat(read(store, KEYS)).isEqualTo(ITEMS);
    needsAKey(() -> write(store, ContentCipher.NONE, List.of()));
  }

  /** Whoever can write to the store can make hashes fit, and not more. */
  @Test
  void aContentFitsNoOtherHeader() throws Exception {
    ObjectStore store = new MemoryObjectStore();
    write(store, KEYS, ITEMS);
    Keyset same = Keyset.parse(KEYS.toJson(), "memory");
    ByteString head = ByteString.copyFromUtf8("head");
    ByteString sealed = same.seal(ByteString.copyFromUtf8("content"), head);
    var by = same.newest().orElseThrow();
    assertThat(KEYS.open("x", by, sealed, head)).asString().isEqualTo("content");
    assertThatThrownBy(() -> KEYS.open("x", by, sealed, ByteString.copyFromUtf8("other")))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("cannot be decrypted");
    byte[] flipped = sealed.toByteArray();
    flipped[flipped.length - 1] ^= 1;
    assertThatThrownBy(() -> KEYS.open("x", by, ByteString.copyFrom(flipped), head))
        .isInstanceOf(CorruptDataException.class);
  }

  @Test
  void oneFlippedBitIsNamed() throws Exception {
    MemoryObjectStore store = new MemoryObjectStore();
    write(store, KEYS, ITEMS);
    Iterator<StoredObject> parts = store.list(NAMES.parts(), "");
    String name = parts.next().name();
    ByteString whole = bytes(store, name);
    for (int at = 0; at < whole.size(); at += 1 + whole.size() / 30) {
      byte[] flipped = whole.toByteArray();
      flipped[at] ^= 0x10;
      store.overwrite(name, ByteString.copyFrom(flipped));
      assertThatThrownBy(() -> read(store, KEYS))
          .as("byte %d", at)
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void keysComeFromFilesAndTheEnvironment() throws Exception {
    Path file = folder.resolve("keys.json");
    Files.writeString(file, KEYS.toJson());
    assertThat(Keysets.open(file.toString(), name -> null).keyIds()).isEqualTo(KEYS.keyIds());
    assertThat(Keysets.open("file:" + file, name -> null).keyIds()).isEqualTo(KEYS.keyIds());
    assertThat(Keysets.open("env:KEYS", name -> KEYS.toJson()).keyIds()).isEqualTo(KEYS.keyIds());
    hinted(() -> Keysets.open("env:KEYS", name -> null), "KEYS is not set");
    hinted(() -> Keysets.open(folder.resolve("none").toString(), name -> null), "no keyset file");
    hinted(() -> Keysets.open("kms:it", name -> null), "no kind of keyset");
    hinted(() -> Keyset.parse("{}", "a file"), "is not a keyset");
  }

  @Test
  void keysComeFromAServiceThatIsInstalled() throws Exception {
    Keyset keys = Keysets.open("installed:backups/prod", name -> null);
    assertThat(keys.keyIds()).isEqualTo(InstalledKeys.KEYS.keyIds());
    hinted(() -> Keysets.open("installed:other", name -> null), "there is no key other");
    hinted(() -> Keysets.open("kms:it", name -> null), "no kind of keyset");
  }

  private static void hinted(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(LodestoneException.class, e -> assertThat(e.hint()).isNotEmpty())
        .hasMessageContaining(message);
  }

  private static void write(ObjectStore store, ContentCipher cipher, List<StreamItem> items)
      throws Exception {
    try (RepositoryWriter writer =
        Repository.openOrCreate(store, cipher)
            .openWriter(
                Histories.CLUSTER, Histories.HOLDER, Takeover.WHEN_SILENT, Histories.SMALL_PARTS)) {
      Histories.feed(writer, items, 5);
    }
  }

  private static List<StreamItem> read(ObjectStore store, ContentCipher cipher) throws Exception {
    return Histories.read(
        Repository.open(store, cipher).source(Histories.LINEAGE).openAtBase(Reason.INITIAL),
        StreamOrder.atBase());
  }

  private static ByteString bytes(ObjectStore store, String name) throws Exception {
    try (InputStream in = store.read(name, 0, Integer.MAX_VALUE)) {
      return ByteString.readFrom(in);
    }
  }
}
