package io.lodestone.repository.chain;

import com.google.common.collect.Iterators;
import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.TruncatedDataException;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.Damage;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.HeaderJson;
import io.lodestone.repository.format.KeyIndexHeader;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.OpenedObject.KeyIndexHead;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.PartHeader;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads and appends the entries of one lineage, and reads their parts. An entry that a span stands
 * for is read as that span. Which spans there are is listed once, and again when an object is gone
 * that was there: compaction and retention go on beside readers. Thread-safe.
 */
public final class EntryLog {
  private static final int HEADER_GUESS_BYTES = 64 << 10;
  private static final int MAX_NOTE_BYTES = 64 << 10;

  private final ObjectStore store;
  private final ContentCipher cipher;
  private final LineageNames names;
  private volatile Optional<Spans> spans = Optional.empty();

  /**
   * @param cipher encrypts what is written to this log, and decrypts what is read
   */
  public EntryLog(ObjectStore store, ContentCipher cipher, String lineage) {
    this.store = store;
    this.cipher = cipher;
    this.names = new LineageNames(lineage);
  }

  public LineageNames names() {
    return names;
  }

  public ObjectStore store() {
    return store;
  }

  public ContentCipher cipher() {
    return cipher;
  }

  /**
   * Appends an entry under the number in its header. True when it is durable, now or from an
   * attempt before; false if another entry has the number.
   */
  public boolean append(long seq, SealedObject entry) throws IOException {
    return Creation.create(store, names.entry(seq), entry.bytes());
  }

  /**
   * Reads entry {@code seq} whole, or the span that stands for it, and checks it, but for its place
   * in the chain.
   */
  public OpenedObject<EntryHeader> read(long seq) throws IOException {
    return find(seq, this::open);
  }

  private OpenedObject<EntryHeader> open(String name) throws IOException {
    try (InputStream in = store.read(name, 0, SealedObject.MAX_BYTES + 1L)) {
      OpenedObject<EntryHeader> entry = OpenedObject.entry(name, in, cipher);
      checkPlace(name, entry.header());
      return entry;
    }
  }

  /**
   * Reads only the header of entry {@code seq}, or of the span that stands for it; its other bytes
   * are not looked at.
   */
  public EntryHeader header(long seq) throws IOException {
    return find(
        seq,
        name -> {
          EntryHeader header = header(name, store.read(name, 0, HEADER_GUESS_BYTES));
          checkPlace(name, header);
          return header;
        });
  }

  private interface Reading<T> {
    T of(String name) throws IOException;
  }

  /** An object that is gone is looked up anew, as long as that leads to another one. */
  private <T> T find(long seq, Reading<T> reading) throws IOException {
    Optional<SpanName> span = spans().covering(seq);
    while (true) {
      String name = span.map(names::span).orElseGet(() -> names.entry(seq));
      try {
        return reading.of(name);
      } catch (MissingObjectException e) {
        Optional<SpanName> now = relist().covering(seq);
        if (now.equals(span)) {
          throw e;
        }
        span = now;
      }
    }
  }

  private Spans spans() throws IOException {
    Optional<Spans> known = spans;
    return known.isPresent() ? known.get() : relist();
  }

  private Spans relist() throws IOException {
    Spans listed = Spans.list(store, names);
    spans = Optional.of(listed);
    return listed;
  }

  /** The span that stands for entry {@code seq}, if any, by the last listing. */
  public Optional<SpanName> spanOver(long seq) throws IOException {
    return spans().covering(seq);
  }

  /** Where a log begins whose first entry is {@code seq}: there, or where spans before it do. */
  public long firstCovered(long seq) throws IOException {
    return spans().all().stream().mapToLong(SpanName::firstSeq).reduce(seq, Math::min);
  }

  /** All spans there are now, ascending, with what interrupted compactions have left over. */
  public List<SpanName> allSpans() throws IOException {
    return relist().all();
  }

  private EntryHeader header(String name, InputStream guess) throws IOException {
    try (guess) {
      return OpenedObject.entryHeader(name, guess);
    } catch (TruncatedDataException e) {
      try (InputStream all = store.read(name, 0, SealedObject.MAX_BYTES)) {
        return OpenedObject.entryHeader(name, all);
      }
    }
  }

  private void checkPlace(String name, EntryHeader header) {
    String place =
        header
            .span()
            .map(span -> new SpanName(header.firstSeq(), header.seq(), span.level()))
            .map(names::span)
            .orElseGet(() -> names.entry(header.seq()));
    if (!place.equals(name) || !header.lineage().equals(names.lineage())) {
      throw Damage.corrupt(
          name,
          0,
          "this is entry "
              + header.seq()
              + " of lineage "
              + header.lineage()
              + ", not what its name says");
    }
  }

  /** Reads a part whole and checks it against what its entry says of it. */
  public OpenedObject<PartHeader> read(PartFacts facts) throws IOException {
    String name = names.part(facts.set(), facts.number());
    try (InputStream in = store.read(name, 0, SealedObject.MAX_BYTES + 1L)) {
      OpenedObject<PartHeader> part = OpenedObject.part(name, in, cipher);
      PartHeader header = part.header();
      boolean here =
          header.lineage().equals(names.lineage())
              && header.set().equals(facts.set())
              && header.number() == facts.number();
      if (!here || !part.hash().equals(facts.sha256()) || part.sizeBytes() != facts.bytes()) {
        throw Damage.corrupt(
            name,
            0,
            "this is part "
                + header.number()
                + " of set "
                + header.set()
                + ", not the one its entry lists");
      }
      return part;
    }
  }

  /** The names of the key indexes of a set, ascending. */
  public Iterator<String> keyIndexes(String set) throws IOException {
    Iterator<StoredObject> listed = store.list(names.keyIndexes(set), "");
    return Iterators.filter(Iterators.transform(listed, StoredObject::name), names::isKeyIndex);
  }

  /** Opens a key index; its filters are not looked at yet, unless they are encrypted. */
  KeyIndexReader keyIndex(String name) throws IOException {
    KeyIndexHead head = keyIndexHead(name);
    checkPlace(name, head.header());
    Optional<OpenedObject<KeyIndexHeader>> whole =
        head.header().encryption().isPresent() ? Optional.of(readKeyIndex(name)) : Optional.empty();
    return new KeyIndexReader(store, name, head, whole);
  }

  private KeyIndexHead keyIndexHead(String name) throws IOException {
    try (InputStream guess = store.read(name, 0, HEADER_GUESS_BYTES)) {
      return OpenedObject.keyIndexHead(name, guess);
    } catch (TruncatedDataException e) {
      try (InputStream all = store.read(name, 0, SealedObject.MAX_BYTES)) {
        return OpenedObject.keyIndexHead(name, all);
      }
    }
  }

  /** Reads a key index whole, and checks it. */
  public OpenedObject<KeyIndexHeader> readKeyIndex(String name) throws IOException {
    try (InputStream in = store.read(name, 0, SealedObject.MAX_BYTES + 1L)) {
      OpenedObject<KeyIndexHeader> index = OpenedObject.keyIndex(name, in, cipher);
      checkPlace(name, index.header());
      return index;
    }
  }

  private void checkPlace(String name, KeyIndexHeader header) {
    String place = names.keyIndex(header.set(), header.firstPart(), header.lastPart());
    if (!place.equals(name) || !header.lineage().equals(names.lineage())) {
      throw Damage.corrupt(name, 0, "this is the key index " + place + ", not what its name says");
    }
  }

  /** The number of the oldest entry that is still there; empty for an empty log. */
  public OptionalLong firstSeq() throws IOException {
    Iterator<Long> seqs = seqsBehind("");
    return seqs.hasNext() ? OptionalLong.of(seqs.next()) : OptionalLong.empty();
  }

  /**
   * The number of the newest entry; empty for an empty log. Lists from where {@code writer.json}
   * points, so the cost does not grow with the log; an entry that must be there and is not is a
   * {@link MissingObjectException}. Only a copy under way may end with a span.
   */
  public OptionalLong lastSeq() throws IOException {
    long known = note().map(WriterNote::lastSeq).orElse(0L);
    String startAfter = known > 0 ? names.entry(known - 1) : "";
    Iterator<Long> seqs = seqsBehind(startAfter);
    if (known == 0 && !seqs.hasNext()) {
      return OptionalLong.empty();
    }
    long last = known > 0 ? known - 1 : seqs.next();
    while (seqs.hasNext()) {
      long next = seqs.next();
      checkSpanned(last + 1, next);
      last = next;
    }
    if (last < known) {
      checkSpanned(known, known + 1);
      last = known;
    }
    return OptionalLong.of(spannedFrom(last));
  }

  /** The last entry that spans stand for from {@code last} on without a hole; it, if none do. */
  private long spannedFrom(long last) throws IOException {
    long end = spans().covering(last).map(SpanName::lastSeq).orElse(last);
    Optional<SpanName> next = spans().covering(end + 1);
    while (next.isPresent()) {
      end = next.get().lastSeq();
      next = spans().covering(end + 1);
    }
    return end;
  }

  /** Fails where an entry in [from, to) is neither there nor stood for by a span. */
  private void checkSpanned(long from, long to) throws IOException {
    long missing = from;
    boolean fresh = false;
    while (missing < to) {
      Optional<SpanName> span = spans().covering(missing);
      if (span.isPresent()) {
        missing = span.get().lastSeq() + 1;
      } else if (fresh) {
        throw new MissingObjectException(store.location(), names.entry(missing));
      } else {
        relist();
        fresh = true;
      }
    }
  }

  /**
   * The numbers of the entries that are there, ascending. Other objects, such as what some stores
   * show while an object is being written, are none: where an entry is missing, its number is.
   */
  private Iterator<Long> seqsBehind(String name) throws IOException {
    Iterator<OptionalLong> seqs =
        Iterators.transform(
            store.list(names.entries(), name), object -> names.seqOf(object.name()));
    return Iterators.transform(
        Iterators.filter(seqs, OptionalLong::isPresent), OptionalLong::getAsLong);
  }

  /** The advisory note; empty where there is none or it cannot be read. */
  public Optional<WriterNote> note() throws IOException {
    try (InputStream in = store.read(names.writer(), 0, MAX_NOTE_BYTES)) {
      ByteString bytes = ByteString.readFrom(in);
      return Optional.of(HeaderJson.read(WriterNote.class, names.writer(), bytes));
    } catch (MissingObjectException e) {
      return Optional.empty();
    } catch (CorruptDataException e) {
      // Advisory only: without it the log is listed from its beginning.
      return Optional.empty();
    }
  }

  public void writeNote(WriterNote note) throws IOException {
    store.overwrite(names.writer(), HeaderJson.write(note));
  }

  /** Fails unless {@code entry} directly follows an entry with the hash {@code previous}. */
  public static void checkLink(OpenedObject<EntryHeader> entry, SealedLink previous) {
    if (!entry.header().previous().equals(previous.hash())) {
      throw entryDoesNotFollow(entry, previous);
    }
  }

  private static LodestoneException entryDoesNotFollow(
      OpenedObject<EntryHeader> entry, SealedLink previous) {
    return entry.badHeader(
        "it follows an entry with hash "
            + entry.header().previous()
            + ", but entry "
            + previous.seq()
            + " has hash "
            + previous.hash());
  }
}
