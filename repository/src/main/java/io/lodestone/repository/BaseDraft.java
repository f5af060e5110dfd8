package io.lodestone.repository;

import io.lodestone.repository.format.BaseFacts;
import io.lodestone.repository.format.BaseFacts.SideCounts;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.RoleState;
import io.lodestone.revisions.StreamItem.UserState;
import java.io.IOException;

/** A base while it grows: its content, and what its header will say. Confined to one thread. */
final class BaseDraft {
  private final BaseStart start;
  private final Draft draft;
  private Compaction compaction = Compaction.NEVER;
  private long leases;
  private long users;
  private long roles;
  private long alarms;
  private long members;

  BaseDraft(BaseStart start, Draft draft) {
    this.start = start;
    this.draft = draft;
  }

  void add(StreamItem item) throws IOException, InterruptedException {
    if (item instanceof Compaction said) {
      compaction = said;
      return;
    }
    if (!(item instanceof RevisionRecord)) {
      count(item);
    }
    draft.add(item);
  }

  private void count(StreamItem item) {
    if (item instanceof LeaseState) {
      leases++;
    } else if (item instanceof UserState) {
      users++;
    } else if (item instanceof RoleState) {
      roles++;
    } else if (item instanceof AlarmState) {
      alarms++;
    } else if (item instanceof MemberState) {
      members++;
    }
  }

  Draft draft() {
    return draft;
  }

  Compaction compaction() {
    return compaction;
  }

  BaseFacts facts(long previousBaseSeq) {
    return BaseFacts.of(
        start, previousBaseSeq, new SideCounts(leases, users, roles, alarms, members));
  }
}
