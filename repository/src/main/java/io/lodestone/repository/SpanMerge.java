package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.Draft.Content;
import io.lodestone.repository.chain.ContentStream;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.ContentFacts;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.First;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.LeaseTrail;
import io.lodestone.repository.format.LeaseTrail.LeaseFacts;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.PartFacts;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.format.Span;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.repository.objects.UnreachableStoreException;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one span out of neighbours of the log: writes its parts, reads everything back and compares
 * it item by item, creates it, and only then deletes what it stands for, and of that only what was
 * there before it began: what appears later is somebody else's. Where something that overlaps has
 * appeared meanwhile, it takes itself back. Holds two parts in memory. Confined to one thread.
 */
final class SpanMerge {
  private static final Logger LOG = LoggerFactory.getLogger(SpanMerge.class);

  private final EntryLog log;
  private final WriterSettings settings;
  private final PartUploader uploader;
  private final SecureRandom random = new SecureRandom();
  private long deleted;

  SpanMerge(EntryLog log, WriterSettings settings, PartUploader uploader) {
    this.log = log;
    this.settings = settings;
    this.uploader = uploader;
  }

  /** Objects deleted so far. */
  long deleted() {
    return deleted;
  }

  /** Merges neighbours, ascending; false where somebody else was at it, and nothing has changed. */
  boolean merge(List<EntryHeader> pieces, int level) throws IOException, InterruptedException {
    long first = pieces.get(0).firstSeq();
    long last = pieces.get(pieces.size() - 1).seq();
    Set<SpanName> known = new HashSet<>(log.allSpans());
    List<String> replaced = objects(first, last, object -> true);
    SpanName name = new SpanName(first, last, level);
    try (Draft draft = newDraft(last)) {
      Optional<Content> content = read(draft, first, last);
      if (content.isEmpty()) {
        return false;
      }
      EntryHeader header = header(pieces, name, content.get());
      SealedObject sealed = SealedObject.entry(log.cipher(), header, content.get().inline());
      known.add(name);
      boolean created =
          isSame(name, sealed)
              && Creation.create(log.store(), log.names().span(name), sealed.bytes());
      if (!created || overtaken(known, name)) {
        takeBack(created, name, draft);
        return false;
      }
      checkStored(name, sealed);
      for (String object : replaced) {
        delete(log.store(), object);
      }
      return true;
    }
  }

  private Draft newDraft(long last) {
    String set = LineageNames.set(last, random.nextLong());
    return new Draft(log.names(), set, settings, log.cipher(), uploader);
  }

  /**
   * Empty, and nothing left behind, where somebody else has merged some of the entries with a
   * neighbour since they were chosen.
   */
  private Optional<Content> read(Draft draft, long first, long last)
      throws IOException, InterruptedException {
    try (LogStream items = stream(first, last)) {
      StreamItem item = items.next();
      while (!(item instanceof End) && !items.isBeyond()) {
        draft.add(item);
        item = items.next();
      }
      // Also where nothing comes of it: what is still being stored could not be taken back.
      Content content = draft.finish();
      if (items.isBeyond()) {
        draft.discard(log.store());
        return Optional.empty();
      }
      return Optional.of(content);
    }
  }

  private LogStream stream(long first, long last) {
    return new LogStream(log, first, last, Optional.empty(), false);
  }

  private EntryHeader header(List<EntryHeader> pieces, SpanName name, Content content)
      throws IOException {
    EntryHeader begin = pieces.get(0);
    EntryHeader end = pieces.get(pieces.size() - 1);
    Optional<First> first = begin.first();
    Optional<List<LeaseFacts>> table =
        pieces.stream()
            .flatMap(piece -> piece.leases().table().stream())
            .reduce((older, newer) -> newer);
    return new EntryHeader(
        Kind.SEGMENT,
        end.lineage(),
        end.epoch(),
        end.seq(),
        begin.previous(),
        end.standing(),
        ContentFacts.of(content.inline()),
        content.parts(),
        new LeaseTrail(end.leases().checkpointSeq(), end.leases().changedSeqs(), table),
        first,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new Span(
                name.firstSeq(),
                name.level(),
                log.header(end.seq() + 1).previous(),
                Long.toHexString(random.nextLong()),
                Optional.empty())),
        Optional.empty());
  }

  /**
   * Reads the parts back, and holds every item against those that are to be replaced. False where
   * these can no longer be told from their neighbours; fails where what was written is not them.
   */
  private boolean isSame(SpanName name, SealedObject sealed)
      throws IOException, InterruptedException {
    OpenedObject<EntryHeader> opened =
        OpenedObject.entry(log.names().span(name), sealed.bytes().newInput(), log.cipher());
    try (LogStream items = stream(name.firstSeq(), name.lastSeq());
        ContentStream copies = new ContentStream(log, opened)) {
      StreamItem item = items.next();
      while (!(item instanceof End) && !items.isBeyond()) {
        if (!copies.next().equals(Optional.of(item))) {
          throw opened.badHeader("merging has not kept " + item);
        }
        item = items.next();
      }
      if (!items.isBeyond() && copies.next().isPresent()) {
        throw opened.badHeader("merging has added something");
      }
      return !items.isBeyond();
    }
  }

  private boolean overtaken(Set<SpanName> known, SpanName name) throws IOException {
    return log.allSpans().stream()
        .anyMatch(span -> !known.contains(span) && span.overlaps(name.firstSeq(), name.lastSeq()));
  }

  private void takeBack(boolean created, SpanName name, Draft draft) throws IOException {
    if (created) {
      log.store().delete(log.names().span(name));
    }
    draft.discard(log.store());
  }

  private void checkStored(SpanName name, SealedObject sealed) throws IOException {
    OpenedObject<EntryHeader> stored = log.read(name.lastSeq());
    boolean stands = log.spanOver(name.lastSeq()).equals(Optional.of(name));
    if (stands && !stored.hash().equals(sealed.hash())) {
      throw stored.badHeader("it is not what was stored a moment ago");
    }
  }

  /** The names of what belongs to the entries [first, last] now, in the order to delete them. */
  private List<String> objects(long first, long last, Predicate<String> which) throws IOException {
    List<String> names = new ArrayList<>();
    Iterator<StoredObject> found = new SpannedObjects(log, first, last).iterator();
    while (found.hasNext()) {
      String name = found.next().name();
      if (which.test(name)) {
        names.add(name);
      }
    }
    return names;
  }

  /**
   * Deletes all that a span stands for, unless another compaction is under way; what the store
   * refuses stays, and nobody looks at it.
   */
  void sweep(EntryHeader span, CompactionNotice notice) throws IOException {
    SpanName name = new SpanName(span.firstSeq(), span.seq(), span.span().orElseThrow().level());
    LineageNames names = log.names();
    Set<String> own = new HashSet<>(Set.of(names.span(name)));
    Set<String> ownSets = new HashSet<>();
    for (PartFacts part : span.parts()) {
      own.add(names.part(part.set(), part.number()));
      ownSets.add(names.keyIndexes(part.set()));
    }
    List<String> leftover =
        objects(
            span.firstSeq(),
            span.seq(),
            object -> !own.contains(object) && ownSets.stream().noneMatch(object::startsWith));
    // In this order: whoever is not seen now has ended, and taken its span back if it had to.
    if (!notice.isAlone()) {
      LOG.atInfo()
          .addKeyValue("span", names.span(name))
          .log("what was merged stays for now: another compaction is under way, or died of late");
    } else if (log.allSpans().contains(name)) {
      for (String object : leftover) {
        delete(log.store(), object);
      }
    }
  }

  private void delete(ObjectStore store, String name) throws IOException {
    try {
      store.delete(name);
      deleted++;
    } catch (UnreachableStoreException e) {
      throw e;
    } catch (LodestoneException e) {
      LOG.atInfo().addKeyValue("object", name).setCause(e).log("a merged object must stay");
    }
  }
}
