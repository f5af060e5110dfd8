package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.VerifyReport.Problem;
import io.lodestone.repository.VerifyReport.Progress;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.SealedLink;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.ContentCipher;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.Standing;
import io.lodestone.repository.objects.MissingObjectException;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.RefusedStoreException;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamOrder;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads every object of a lineage as a restore would, and goes on behind each problem it finds.
 * Holds one object at a time. Confined to one thread.
 */
final class Verifier {
  private final ObjectStore store;
  private final ContentCipher cipher;
  private final Progress progress;
  private final List<Problem> problems = new ArrayList<>();
  private long objects;
  private long bytes;
  private long records;
  private long listedParts;
  private long namedParts;
  private long sourceHashes;
  private long strangers;

  private EntryLog log;
  private LineageNames names;
  private Optional<SealedLink> previous = Optional.empty();
  private Optional<StreamOrder> order = Optional.empty();
  private Optional<EntryHeader> before = Optional.empty();

  Verifier(ObjectStore store, ContentCipher cipher, Progress progress) {
    this.store = store;
    this.cipher = cipher;
    this.progress = progress;
  }

  VerifyReport report() {
    return new VerifyReport(
        problems,
        objects,
        bytes,
        records,
        strangers + Math.max(listedParts - namedParts, 0),
        sourceHashes);
  }

  void verify(Lineage lineage) throws IOException, InterruptedException {
    int known = problems.size();
    log = new EntryLog(store, cipher, lineage.toString());
    names = log.names();
    previous = Optional.empty();
    order = Optional.empty();
    before = Optional.empty();
    long end = checkedEnd();
    long expected = 0;
    Iterator<StoredObject> entries = store.list(names.entries(), "");
    while (entries.hasNext()) {
      StoredObject entry = entries.next();
      OptionalLong seq = names.seqOf(entry.name());
      if (seq.isEmpty()) {
        strangers++;
      } else {
        long from = expected > 0 ? expected : log.firstCovered(seq.getAsLong());
        expected = verifyTo(from, seq.getAsLong());
      }
    }
    if (expected > 0 && end >= expected) {
      expected = verifyTo(expected, end);
    }
    countParts();
    if (problems.size() == known) {
      checkSourceHash();
    }
  }

  /** The newest state that the source has told the hash of. */
  private void checkSourceHash() throws IOException {
    try {
      History history = History.read(log);
      Optional<SourceHash> told = new SourceHashes(log).newestComparable(history);
      if (told.isEmpty()) {
        return;
      }
      HashKv ours = new SourceHashCheck(log, history, told.get()).hashAs(told.get());
      if (told.get().agrees(ours)) {
        sourceHashes++;
      } else {
        problem(names.sourceHash(told.get().revision()), told.get().against(ours));
      }
    } catch (UnreachableStoreException | RefusedStoreException e) {
      throw e; // what could not be read is not damaged
    } catch (LodestoneException e) {
      problem(names.sourceHashes(), e.getMessage());
    }
  }

  /** Verifies everything in [from, to], entries or spans; returns the seq behind it. */
  private long verifyTo(long from, long to) throws IOException, InterruptedException {
    long seq = from;
    while (seq <= to) {
      Optional<SpanName> span = log.spanOver(seq);
      if (span.isPresent()) {
        seq = verifyEntry(seq, names.span(span.get()), span.get().lastSeq() + 1);
      } else if (seq == to) {
        seq = verifyEntry(seq, names.entry(seq), seq + 1);
      } else {
        seq = passHole(seq, to);
      }
    }
    return Math.max(seq, from);
  }

  /**
   * Reports that {@code seq} is missing, unless a span stands for it since; returns where to go on.
   */
  private long passHole(long seq, long to) throws IOException {
    List<SpanName> spans = log.allSpans();
    if (log.spanOver(seq).isPresent()) {
      return seq;
    }
    long next =
        spans.stream()
            .mapToLong(SpanName::firstSeq)
            .filter(first -> first > seq)
            .reduce(to, Math::min);
    missing(seq, next - 1);
    return next;
  }

  /**
   * Where the log ends, 0 where that cannot be told. Notices entries that are missing at the end,
   * which only the writer's note can tell.
   */
  private long checkedEnd() throws IOException {
    try {
      return log.lastSeq().orElse(0);
    } catch (MissingObjectException e) {
      problem(e.name(), e.getMessage());
      return 0;
    }
  }

  private void missing(long from, long to) {
    problem(names.entry(from), "missing" + (to > from ? ", and all entries up to " + to : ""));
    forget();
  }

  private void forget() {
    previous = Optional.empty();
    order = Optional.empty();
    before = Optional.empty();
  }

  /**
   * Verifies the entry {@code seq} or what stands for it now, and returns the seq behind it: {@code
   * behind} where it cannot be read.
   */
  private long verifyEntry(long seq, String name, long behind)
      throws IOException, InterruptedException {
    OpenedObject<EntryHeader> entry;
    try {
      entry = log.read(seq);
      read(entry.sizeBytes());
    } catch (UnreachableStoreException | RefusedStoreException e) {
      throw e; // what could not be read is not damaged
    } catch (LodestoneException e) {
      problem(name, e.getMessage());
      forget();
      return behind;
    }
    if (entry.header().firstSeq() != seq) {
      // Merged while we read: its beginning was verified entry by entry.
      forget();
    }
    try {
      previous.ifPresent(link -> EntryLog.checkLink(entry, link));
      before.ifPresent(earlier -> checkHeaders(entry, earlier));
    } catch (LodestoneException e) {
      problem(name, e.getMessage());
    }
    previous = Optional.of(SealedLink.of(entry));
    before = Optional.of(entry.header());
    verifyContent(name, entry);
    return entry.header().seq() + 1;
  }

  private static void checkHeaders(OpenedObject<EntryHeader> entry, EntryHeader before) {
    EntryHeader header = entry.header();
    boolean claim = header.kind() == Kind.CLAIM;
    boolean epochFits =
        header.span().isPresent()
            ? header.epoch() >= before.epoch()
            : header.epoch() == before.epoch() + (claim ? 1 : 0);
    if (!epochFits) {
      throw entry.badHeader("its epoch is " + header.epoch() + " behind " + before.epoch());
    }
    if (before.kind() == Kind.END) {
      throw entry.badHeader("it follows the end of the lineage");
    }
    boolean still = claim || header.kind() == Kind.END;
    boolean anew = before.kind() == Kind.EXPIRED && header.standing().equals(Standing.NOWHERE);
    if (still && !anew && !header.standing().equals(before.standing())) {
      throw entry.badHeader("it changes where the history stands, which it must not");
    }
  }

  private void verifyContent(String name, OpenedObject<EntryHeader> entry)
      throws IOException, InterruptedException {
    EntryHeader header = entry.header();
    if (header.kind() == Kind.BASE) {
      order = Optional.of(StreamOrder.atBaseOfAny());
    }
    if (header.kind() == Kind.EXPIRED) {
      order = Optional.empty();
    }
    boolean hasContent = header.kind() == Kind.BASE || header.kind() == Kind.SEGMENT;
    if (!hasContent || order.isEmpty()) {
      // Behind damage only hashes are checked, until the next base: order needs what came before.
      verifyParts(header);
      return;
    }
    try (LogStream items = new LogStream(log, header.seq(), header.seq(), Optional.empty(), true)) {
      KeyIndexCheck keys = new KeyIndexCheck(log, header);
      replay(items, order.get(), keys);
      keys.finish();
      problems.addAll(keys.problems());
      header.parts().forEach(part -> read(part.bytes()));
      namedParts += header.parts().size();
    } catch (UnreachableStoreException | RefusedStoreException e) {
      throw e; // what could not be read is not damaged
    } catch (LodestoneException e) {
      int known = problems.size();
      verifyParts(header);
      if (problems.size() == known) {
        problem(name, e.getMessage());
      }
      forget();
    }
  }

  private void replay(LogStream items, StreamOrder stream, KeyIndexCheck keys)
      throws IOException, InterruptedException {
    for (StreamItem item = items.next(); !(item instanceof End); item = items.next()) {
      stream.advance(item);
      if (item instanceof RevisionRecord row) {
        keys.take(row);
        records++;
      }
    }
  }

  private void verifyParts(EntryHeader header) throws IOException {
    for (PartFacts part : header.parts()) {
      namedParts++;
      try {
        read(log.read(part).sizeBytes());
      } catch (UnreachableStoreException | RefusedStoreException e) {
        throw e; // what could not be read is not damaged
      } catch (LodestoneException e) {
        problem(names.part(part.set(), part.number()), e.getMessage());
      }
    }
  }

  private void countParts() throws IOException {
    Iterator<StoredObject> parts = store.list(names.parts(), "");
    while (parts.hasNext()) {
      listedParts += names.isKeyIndex(parts.next().name()) ? 0 : 1;
    }
  }

  private void read(long size) {
    objects++;
    bytes += size;
    progress.read(objects, bytes);
  }

  private void problem(String object, String message) {
    problems.add(new Problem(object, message));
  }
}
