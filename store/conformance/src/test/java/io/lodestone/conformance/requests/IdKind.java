package io.lodestone.conformance.requests;

import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The fields whose values a server makes up itself, by what they name. Everything that is not
 * compared literally stands in this one list.
 */
enum IdKind {
  LEASE(
      "mvccpb.KeyValue.lease",
      "etcdserverpb.PutRequest.lease",
      "etcdserverpb.Compare.lease",
      "etcdserverpb.LeaseGrantRequest.ID",
      "etcdserverpb.LeaseGrantResponse.ID",
      "etcdserverpb.LeaseRevokeRequest.ID",
      "etcdserverpb.LeaseKeepAliveRequest.ID",
      "etcdserverpb.LeaseKeepAliveResponse.ID",
      "etcdserverpb.LeaseTimeToLiveRequest.ID",
      "etcdserverpb.LeaseTimeToLiveResponse.ID",
      "etcdserverpb.LeaseStatus.ID",
      "v3lockpb.LockRequest.lease",
      "v3electionpb.CampaignRequest.lease",
      "v3electionpb.LeaderKey.lease"),
  MEMBER(
      "etcdserverpb.ResponseHeader.member_id",
      "etcdserverpb.Member.ID",
      "etcdserverpb.AlarmRequest.memberID",
      "etcdserverpb.AlarmMember.memberID",
      "etcdserverpb.MoveLeaderRequest.targetID",
      "etcdserverpb.StatusResponse.leader",
      "etcdserverpb.MemberRemoveRequest.ID",
      "etcdserverpb.MemberUpdateRequest.ID",
      "etcdserverpb.MemberPromoteRequest.ID"),
  CLUSTER("etcdserverpb.ResponseHeader.cluster_id"),
  /** Keys of locks and elections end in the hexadecimal id of a lease. */
  KEY(
      "mvccpb.KeyValue.key",
      "etcdserverpb.RangeRequest.key",
      "etcdserverpb.RangeRequest.range_end",
      "etcdserverpb.PutRequest.key",
      "etcdserverpb.DeleteRangeRequest.key",
      "etcdserverpb.Compare.key",
      "etcdserverpb.LeaseTimeToLiveResponse.keys",
      "v3lockpb.LockResponse.key",
      "v3lockpb.UnlockRequest.key",
      "v3electionpb.LeaderKey.key"),
  /** Ports differ between contestants. */
  URL(
      "etcdserverpb.Member.peerURLs",
      "etcdserverpb.Member.clientURLs",
      "etcdserverpb.MemberAddRequest.peerURLs",
      "etcdserverpb.MemberUpdateRequest.peerURLs"),
  TOKEN("etcdserverpb.AuthenticateResponse.token"),
  /** Sizes of files, positions in a log, and a hash over both: present or not is all to compare. */
  MEASURED(
      "etcdserverpb.ResponseHeader.raft_term",
      "etcdserverpb.StatusResponse.dbSize",
      "etcdserverpb.StatusResponse.dbSizeInUse",
      "etcdserverpb.StatusResponse.dbSizeQuota",
      "etcdserverpb.StatusResponse.raftIndex",
      "etcdserverpb.StatusResponse.raftTerm",
      "etcdserverpb.StatusResponse.raftAppliedIndex",
      "etcdserverpb.HashResponse.hash"),
  /** Sentences with ids of members in them, as decimal numbers. */
  SENTENCE("etcdserverpb.StatusResponse.errors"),
  /** Any patch release of 3.5 will do. */
  RELEASE("etcdserverpb.StatusResponse.version");

  private static final Map<String, IdKind> BY_FIELD = new HashMap<>();

  static {
    for (IdKind kind : values()) {
      for (String field : kind.fields.split(" ", -1)) {
        BY_FIELD.put(field, kind);
      }
    }
  }

  private final String fields;

  IdKind(String... fields) {
    this.fields = String.join(" ", fields);
  }

  static Optional<IdKind> of(FieldDescriptor field) {
    return Optional.ofNullable(BY_FIELD.get(field.getFullName()));
  }
}
