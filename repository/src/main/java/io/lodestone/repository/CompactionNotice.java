package io.lodestone.repository;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.repository.chain.Creation;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.objects.StoredObject;
import io.lodestone.repository.objects.UnreachableStoreException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object that says that a compaction of a lineage is under way, for as long as that lasts. Who
 * has listed objects, and sees no other such object afterwards, knows that none of them is still
 * being worked on. One that is older than {@link #LONGEST} was left behind by a process that died.
 */
final class CompactionNotice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CompactionNotice.class);

  /** More than a compaction takes, and clocks are apart. */
  static final Duration LONGEST = Duration.ofDays(1);

  private final EntryLog log;
  private final Instant posted;
  private final String name;

  private CompactionNotice(EntryLog log, Instant posted, String name) {
    this.log = log;
    this.posted = posted;
    this.name = name;
  }

  /**
   * Stays until it is closed, which whoever merges, or deletes, does last. Takes away what was left
   * behind.
   */
  static CompactionNotice post(EntryLog log, Instant now) throws IOException {
    String name = log.names().compaction(now.toEpochMilli(), new SecureRandom().nextLong());
    boolean unused =
        Creation.create(log.store(), name, ByteString.copyFromUtf8("since " + now + "\n"));
    CompactionNotice notice = new CompactionNotice(log, now, name);
    for (String left : notice.others(notice::isLeft)) {
      notice.delete(left);
    }
    return notice;
  }

  /** Whether nobody else is at it. */
  boolean isAlone() throws IOException {
    return others(other -> !isLeft(other)).isEmpty();
  }

  private List<String> others(Predicate<String> which) throws IOException {
    List<String> others = new ArrayList<>();
    Iterator<StoredObject> listed = log.store().list(log.names().compactions(), "");
    while (listed.hasNext()) {
      String other = listed.next().name();
      if (!other.equals(name) && which.test(other)) {
        others.add(other);
      }
    }
    return others;
  }

  private boolean isLeft(String other) {
    OptionalLong since = log.names().numberOf(log.names().compactions(), other);
    return since.isPresent()
        && Instant.ofEpochMilli(since.getAsLong()).isBefore(posted.minus(LONGEST));
  }

  private void delete(String notice) throws IOException {
    try {
      log.store().delete(notice);
    } catch (UnreachableStoreException e) {
      throw e;
    } catch (LodestoneException e) {
      LOG.atInfo().addKeyValue("object", notice).setCause(e).log("a notice must stay for a while");
    }
  }

  @Override
  public void close() throws IOException {
    delete(name);
  }
}
