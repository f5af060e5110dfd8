package io.lodestone.repository;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.ExpiryPlan.Stale;
import io.lodestone.repository.ExpiryReport.Refusal;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.ContentFacts;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.First;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.Frames;
import io.lodestone.repository.format.LeaseTrail;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.format.Span;
import io.lodestone.repository.format.Standing;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.repository.objects.UnreachableStoreException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Carries a plan out. What goes is announced first, by spans that say it has expired; from then on
 * no reader looks at it, and a crash leaves a valid log. Then this looks whether anybody has marked
 * or compacted something meanwhile, and takes the announcement back if so. Then it deletes.
 * Confined to one thread.
 */
final class Expiry {
  private final EntryLog log;
  private final ExpiryPlan plan;
  private final List<SpanName> announced = new ArrayList<>();
  private final SecureRandom random = new SecureRandom();
  private final List<Refusal> refused = new ArrayList<>();
  private long objects;
  private long bytes;

  Expiry(EntryLog log, ExpiryPlan plan) {
    this.log = log;
    this.plan = plan;
  }

  ExpiryReport execute() throws IOException {
    for (Stale stale : plan.stale()) {
      announce(stale);
    }
    checkUnchanged();
    for (Stale stale : plan.stale()) {
      delete(stale);
    }
    new SourceHashes(log).dropExpired(History.read(fresh()));
    return new ExpiryReport(objects, bytes, refused);
  }

  private EntryLog fresh() {
    return new EntryLog(log.store(), log.cipher(), log.names().lineage());
  }

  private void announce(Stale stale) throws IOException {
    SpanName name = SpanName.expired(stale.firstSeq(), stale.lastSeq());
    if (plan.spans().contains(name)) {
      return;
    }
    SealedObject span = SealedObject.entry(log.cipher(), expired(stale), Frames.NONE);
    if (!Creation.create(log.store(), log.names().span(name), span.bytes())) {
      throw changed();
    }
    announced.add(name);
  }

  private EntryHeader expired(Stale stale) throws IOException {
    EntryHeader first = log.header(stale.firstSeq());
    EntryHeader last = log.header(stale.lastSeq());
    EntryHeader behind = log.header(stale.lastSeq() + 1);
    if (first.firstSeq() != stale.firstSeq() || last.seq() != stale.lastSeq()) {
      throw changed();
    }
    return new EntryHeader(
        Kind.EXPIRED,
        last.lineage(),
        last.epoch(),
        last.seq(),
        first.previous(),
        last.standing(),
        ContentFacts.NONE,
        List.of(),
        LeaseTrail.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new Span(
                stale.firstSeq(),
                0,
                behind.previous(),
                Long.toHexString(random.nextLong()),
                Optional.of(silentFrom(stale, behind)))),
        Optional.empty());
  }

  /** When what goes began to tell something else than the standing before it. */
  private Instant silentFrom(Stale stale, EntryHeader behind) throws IOException {
    long seq = stale.firstSeq();
    while (seq <= stale.lastSeq()) {
      EntryHeader header = log.header(seq);
      Optional<Instant> from =
          header.span().flatMap(Span::silentFrom).or(() -> header.first().map(First::at));
      if (from.isPresent()) {
        return from.get();
      }
      if (header.kind() == Kind.BASE) {
        return silentFromBase(stale, header);
      }
      seq = header.seq() + 1;
    }
    return behind.standing().at();
  }

  /** Where revisions were never captured before the base, the last moment before is all we know. */
  private Instant silentFromBase(Stale stale, EntryHeader base) throws IOException {
    if (stale.firstSeq() == 1) {
      return base.standing().at();
    }
    Standing before = log.header(stale.firstSeq() - 1).standing();
    boolean gap = base.standing().compactScheduled() > before.revision() + 1;
    return gap ? before.at() : base.standing().at();
  }

  private void checkUnchanged() throws IOException {
    boolean spansAsPlanned =
        log.allSpans().stream()
            .filter(span -> !plan.spans().contains(span) && !announced.contains(span))
            .noneMatch(this::concernsWhatGoes);
    boolean marksAsPlanned = plan.marks().containsAll(new Marks(log).list());
    if (spansAsPlanned && marksAsPlanned) {
      return;
    }
    for (SpanName span : announced) {
      log.store().delete(log.names().span(span));
    }
    throw changed();
  }

  private boolean concernsWhatGoes(SpanName span) {
    return plan.stale().stream()
        .anyMatch(stale -> span.overlaps(stale.firstSeq(), stale.lastSeq()));
  }

  private LodestoneException changed() {
    return new LodestoneException(
        "lineage " + plan.lineage() + " has changed since its expiry was planned",
        "somebody marked, compacted or expired something at the same time: plan again");
  }

  private void delete(Stale stale) throws IOException {
    Iterator<StoredObject> going =
        new SpannedObjects(log, stale.firstSeq(), stale.lastSeq()).iterator();
    while (going.hasNext()) {
      delete(going.next());
    }
  }

  private void delete(StoredObject object) throws IOException {
    try {
      log.store().delete(object.name());
      objects++;
      bytes += object.sizeBytes();
    } catch (UnreachableStoreException e) {
      throw e;
    } catch (LodestoneException e) {
      refused.add(new Refusal(object.name(), e.getMessage()));
    }
  }
}
