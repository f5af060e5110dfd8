package io.lodestone.etcdfile.member;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.DatabaseDraft;
import io.lodestone.etcdfile.db.DurableFiles;
import io.lodestone.etcdfile.db.RaftIdentity;
import io.lodestone.etcdfile.wal.FreshLog;
import io.lodestone.revisions.CopyRules;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.StreamItem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a stream as data directories of a new etcd cluster, for all its members or some, in one
 * pass: etcd 3.4 to 3.6 start on them as on their own. One-shot.
 *
 * <p>Each directory is built beside its place as {@code <name>.partial-...} and gets its name at
 * {@link #commit}, after everything in all of them is on disk; the names are given one after the
 * other, so a crash in between leaves some members without a directory and the rest complete.
 * Members share nothing but content: the database is written once, and copied meanwhile. Confined
 * to one thread.
 */
public final class MemberDirectorySink implements RevisionSink {
  private static final long COPY_EVERY_BYTES = 16 << 20;

  private final ClusterSpec cluster;
  private final long copyEveryBytes;
  private final List<MemberDirectory> directories = new ArrayList<>();
  private final DatabaseDraft draft;
  private final List<DatabaseCopy> copies = new ArrayList<>();
  private int beginnings;
  private long uncopiedBytes;

  /**
   * Takes where to write, by member name, for all of the cluster's members or some. Fails with a
   * hint where a directory exists already; the directories above them must.
   */
  public MemberDirectorySink(ClusterSpec cluster, Map<String, Path> dataDirs, CopyRules rules)
      throws IOException {
    this(cluster, dataDirs, rules, COPY_EVERY_BYTES);
  }

  MemberDirectorySink(
      ClusterSpec cluster, Map<String, Path> dataDirs, CopyRules rules, long copyEveryBytes)
      throws IOException {
    this.cluster = cluster;
    this.copyEveryBytes = copyEveryBytes;
    requireKnownNames(cluster, dataDirs);
    for (Path target : dataDirs.values()) {
      DurableFiles.requireAbsent(target);
    }
    try {
      for (MemberSpec member : cluster.members()) {
        if (dataDirs.containsKey(member.name())) {
          directories.add(
              MemberDirectory.prepare(cluster.memberId(member), dataDirs.get(member.name())));
        }
      }
      Path database = directories.get(0).database();
      for (MemberDirectory other : directories.subList(1, directories.size())) {
        copies.add(new DatabaseCopy(database, other.database()));
      }
      draft = new DatabaseDraft(database, rules);
      beginnings = draft.beginnings();
    } catch (IOException | RuntimeException e) {
      discard();
      throw e;
    }
  }

  private static void requireKnownNames(ClusterSpec cluster, Map<String, Path> dataDirs) {
    String known =
        cluster.members().stream().map(MemberSpec::name).collect(Collectors.joining(", "));
    for (String name : dataDirs.keySet()) {
      if (cluster.members().stream().noneMatch(member -> member.name().equals(name))) {
        throw new LodestoneException(
            "member " + name + " is not in the cluster", "the cluster's members are " + known);
      }
    }
    if (dataDirs.isEmpty()) {
      throw new LodestoneException(
          "no member was chosen to write a directory for", "the cluster's members are " + known);
    }
  }

  @Override
  public void accept(StreamItem item) throws IOException {
    draft.accept(item);
    if (item instanceof RevisionRecord row) {
      uncopiedBytes += row.value().size();
      if (uncopiedBytes >= copyEveryBytes) {
        uncopiedBytes = 0;
        copyWhatIsThere();
      }
    }
  }

  private void copyWhatIsThere() throws IOException {
    heedBeginning();
    for (DatabaseCopy copy : copies) {
      copy.catchUp();
    }
  }

  private void heedBeginning() {
    if (beginnings != draft.beginnings()) {
      beginnings = draft.beginnings();
      copies.forEach(DatabaseCopy::beginAnew);
    }
  }

  @Override
  public long commit() throws IOException {
    List<Member> members = cluster.membersById();
    FreshLog log = new FreshLog(cluster.clusterId(), members);
    long complete = draft.finishMember(new RaftIdentity(log.index(), FreshLog.TERM, members));
    draft.close();
    heedBeginning();
    for (DatabaseCopy copy : copies) {
      copy.finish();
    }
    for (MemberDirectory directory : directories) {
      directory.writeLog(log);
    }
    for (MemberDirectory directory : directories) {
      directory.publish();
    }
    return complete;
  }

  @Override
  public void close() throws IOException {
    try {
      draft.close();
    } finally {
      discard();
    }
  }

  private void discard() throws IOException {
    for (DatabaseCopy copy : copies) {
      copy.close();
    }
    for (MemberDirectory directory : directories) {
      directory.discard();
    }
  }
}
