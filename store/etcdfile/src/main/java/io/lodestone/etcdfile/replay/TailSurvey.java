package io.lodestone.etcdfile.replay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.api.raftpb.ConfChange;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.auth.AuthStore;
import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.ItemReader;
import io.lodestone.etcdfile.wal.LogEntries;
import io.lodestone.revisions.StreamItem.AlarmState;
import io.lodestone.revisions.StreamItem.MemberState;
import io.lodestone.revisions.StreamItem.SideState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The first pass over the entries: which keys they touch, and the users, roles, alarms and members
 * there will be in the end. These do not depend on the keyspace, and a tail cannot tell their
 * changes; so the base tells how they end. Confined to one thread.
 */
final class TailSurvey implements LogEntry.Visitor {
  private static final String V2_CLUSTER_VERSION = "/0/version";

  private final TouchedKeys touched = new TouchedKeys();
  private final AuthStore auth;
  private final Alarms alarms = new Alarms();
  private final ClusterMembers members = new ClusterMembers();
  private String clusterVersion;
  private long requests;

  private TailSurvey(String clusterVersion) {
    this.clusterVersion = clusterVersion;
    this.auth = AuthReplay.store(() -> ApplyRules.of(this.clusterVersion));
  }

  static TailSurvey of(EtcdDatabase database, LogEntries entries) throws IOException {
    TailSurvey survey = new TailSurvey(database.clusterVersion().orElse(""));
    survey.load(database);
    for (Optional<Entry> entry = entries.next(); entry.isPresent(); entry = entries.next()) {
      LogEntry.visit(entry.get(), survey);
    }
    return survey;
  }

  private void load(EtcdDatabase database) throws IOException {
    ItemReader<SideState> states = database.sideStateBesidesLeases();
    for (Optional<SideState> state = states.next(); state.isPresent(); state = states.next()) {
      auth.load(state.get());
      if (state.get() instanceof AlarmState alarm) {
        alarms.raise(alarm.alarm());
      } else if (state.get() instanceof MemberState member) {
        members.add(member.member());
      }
    }
    auth.loaded();
    if (auth.view().enabled()) {
      touched.permissionsMatter();
    }
  }

  @Override
  public void request(InternalRaftRequest request) {
    requests++;
    touched.add(request);
    if (AuthStore.isAuthRequest(request)) {
      AuthReplay.apply(auth, request, lease -> List.of());
    }
    if (request.hasAlarm()) {
      alarms.apply(request.getAlarm());
    }
    if (request.hasClusterVersionSet()) {
      clusterVersion = request.getClusterVersionSet().getVer();
    }
    if (request.hasClusterMemberAttrSet()) {
      members.apply(request.getClusterMemberAttrSet());
    }
  }

  @Override
  public void v2Request(Request request) throws InvalidProtocolBufferException {
    if (request.getPath().equals(V2_CLUSTER_VERSION)) {
      clusterVersion = request.getVal();
    }
    members.apply(request);
  }

  @Override
  public void confChange(ConfChange change) throws InvalidProtocolBufferException {
    members.apply(change);
  }

  TouchedKeys touched() {
    return touched;
  }

  /** What the cluster agrees on behind the last entry, for example {@code 3.5.0}; or empty. */
  String clusterVersion() {
    return clusterVersion;
  }

  /** Whether any request of the v3 API was seen. */
  boolean isEmpty() {
    return requests == 0;
  }

  /** Auth, users, roles, alarms and members as they are behind the last entry. */
  List<SideState> finalSideState() {
    List<SideState> all = new ArrayList<>(auth.sideState());
    alarms.raised().stream().map(AlarmState::new).forEach(all::add);
    members.all().stream().map(MemberState::new).forEach(all::add);
    return all;
  }
}
