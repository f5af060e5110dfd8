package io.lodestone.restore.keys;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.client.EtcdConnection;
import io.lodestone.restore.keys.KeyDifference.Kind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Puts selected keys back into a living cluster. Every write holds only if the key is still as it
 * was when it was compared: nobody's newer write is lost. A restore that broke off is run again;
 * what is there already is left as it is. Used once.
 *
 * <p>Reads and writes pages of keys, so that memory does not depend on their number.
 */
public final class KeyRestore {
  private final SelectedKeys selected;
  private final LivingKeys living;
  private final KeyRestoreRules rules;
  private final Consumer<KeyDifference> told;
  private final Map<Kind, Long> left = new EnumMap<>(Kind.class);
  private final Map<Kind, Long> done = new EnumMap<>(Kind.class);
  private final Map<Long, Long> grantedAnew = new HashMap<>();
  private Optional<GuardedWrites> writes = Optional.empty();
  private long count;
  private long same;

  /**
   * @param target stays the caller's to close
   * @param told of every difference, in no particular order
   */
  public KeyRestore(
      SelectedKeys selected,
      EtcdConnection target,
      KeyRestoreRules rules,
      Consumer<KeyDifference> told) {
    this.selected = selected;
    this.living = new LivingKeys(target);
    this.rules = rules;
    this.told = told;
  }

  /** What {@link #execute} would come to now; changes nothing. */
  public KeyRestoreReport plan() {
    return compareAll();
  }

  /**
   * Compares page by page and writes what may be written. Fails with an {@link
   * io.lodestone.client.UnavailableException} where the cluster does not answer; the keys written
   * until then stay.
   */
  public KeyRestoreReport execute() {
    writes = Optional.of(new GuardedWrites(living.connection()));
    return compareAll();
  }

  private KeyRestoreReport compareAll() {
    for (List<KeyValue> page = selected.after(Optional.empty());
        !page.isEmpty();
        page = selected.after(Optional.of(page.get(page.size() - 1).getKey()))) {
      compare(page);
    }
    selected.selection().targetPrefixes().forEach(this::compareExtra);
    writes.ifPresent(GuardedWrites::flush);
    return report();
  }

  private void compare(List<KeyValue> page) {
    for (List<KeyValue> part : LivingKeys.parts(page)) {
      Map<ByteString, KeyValue> now =
          living.get(part.stream().map(kv -> selected.selection().renamed(kv.getKey())).toList());
      part.forEach(kv -> compare(kv, now));
    }
  }

  private void compare(KeyValue source, Map<ByteString, KeyValue> now) {
    count++;
    ByteString name = requireUnique(source.getKey());
    Optional<KeyValue> there = Optional.ofNullable(now.get(name));
    if (source.getLease() != 0 && !rules.grantLeases()) {
      differs(new KeyDifference(Kind.LEASED, name, source.getModRevision(), revision(there)));
    } else if (there.isEmpty()) {
      restore(new KeyDifference(Kind.MISSING, name, source.getModRevision(), 0), source);
    } else if (there.get().getValue().equals(source.getValue())) {
      same++;
    } else {
      restore(
          new KeyDifference(Kind.CHANGED, name, source.getModRevision(), revision(there)), source);
    }
  }

  private static long revision(Optional<KeyValue> there) {
    return there.map(KeyValue::getModRevision).orElse(0L);
  }

  private ByteString requireUnique(ByteString key) {
    ByteString name = selected.selection().renamed(key);
    selected
        .selection()
        .clashing(key, name)
        .filter(other -> selected.get(other).isPresent())
        .ifPresent(
            other -> {
              throw new LodestoneException(
                  "both " + shown(key) + " and " + shown(other) + " would become " + shown(name),
                  "give the renamed keys a prefix that none of the selected ones has");
            });
    return name;
  }

  private static String shown(ByteString key) {
    return "'" + key.toStringUtf8() + "'";
  }

  private void restore(KeyDifference difference, KeyValue source) {
    if (differs(difference) && writes.isPresent()) {
      writes.get().put(difference, source.getValue(), leaseFor(source));
    }
  }

  /** Whether something is to be done about it. */
  private boolean differs(KeyDifference difference) {
    boolean allowed = rules.allow(difference.kind());
    (allowed ? done : left).merge(difference.kind(), 1L, Long::sum);
    told.accept(difference);
    return allowed;
  }

  private long leaseFor(KeyValue source) {
    if (source.getLease() == 0) {
      return 0;
    }
    return grantedAnew.computeIfAbsent(
        source.getLease(),
        old -> {
          OptionalLong ttl = selected.grantedTtl(new LeaseId(old));
          return living.grant(
              ttl.orElseThrow(
                  () ->
                      new LodestoneException(
                          "the source does not know lease " + Long.toHexString(old),
                          "leave out --with-leases, and so the keys on leases")));
        });
  }

  /** Keys below a prefix that nothing in the source would become. */
  private void compareExtra(ByteString prefix) {
    for (List<KeyValue> page = living.below(prefix, Optional.empty());
        !page.isEmpty();
        page = living.below(prefix, Optional.of(page.get(page.size() - 1).getKey()))) {
      for (KeyValue there : page) {
        if (isExtra(there.getKey())) {
          KeyDifference extra =
              new KeyDifference(Kind.EXTRA, there.getKey(), 0, there.getModRevision());
          if (differs(extra) && writes.isPresent()) {
            writes.get().delete(extra);
          }
        }
      }
    }
  }

  /** A name that no selected key could have is not the selection's concern. */
  private boolean isExtra(ByteString name) {
    List<ByteString> origins = selected.selection().origins(name);
    return !origins.isEmpty()
        && origins.stream().noneMatch(origin -> selected.get(origin).isPresent());
  }

  private KeyRestoreReport report() {
    return new KeyRestoreReport(
        count,
        same,
        written(Kind.MISSING),
        written(Kind.CHANGED),
        written(Kind.EXTRA),
        left.getOrDefault(Kind.CHANGED, 0L),
        left.getOrDefault(Kind.EXTRA, 0L),
        left.getOrDefault(Kind.LEASED, 0L),
        writes.map(GuardedWrites::refused).orElse(0L),
        grantedAnew.size());
  }

  /** Without those that somebody else was quicker with. */
  private long written(Kind kind) {
    long refused = writes.map(made -> made.refused(kind)).orElse(0L);
    return done.getOrDefault(kind, 0L) - refused;
  }
}
