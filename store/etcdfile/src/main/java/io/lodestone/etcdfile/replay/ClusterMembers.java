package io.lodestone.etcdfile.replay;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lodestone.api.etcdserverpb.ClusterMemberAttrSetRequest;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Request;
import io.lodestone.api.raftpb.ConfChange;
import io.lodestone.etcdfile.db.MemberJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cluster's members, by id. Confined to one thread. */
final class ClusterMembers {
  private static final Pattern V2_ATTRIBUTES =
      Pattern.compile("/0/members/([0-9a-f]{1,16})/attributes");
  private static final int HEX = 16;

  private final Map<Long, Member> members = new TreeMap<>(Long::compareUnsigned);

  void add(Member member) {
    members.put(member.getID(), member);
  }

  List<Member> all() {
    return List.copyOf(members.values());
  }

  void apply(ConfChange change) throws InvalidProtocolBufferException {
    long id = change.getNodeId();
    switch (change.getType()) {
      case ConfChangeAddNode -> {
        Member told = MemberJson.decode(id, change.getContext());
        add(members.getOrDefault(id, told).toBuilder().setIsLearner(false).build());
      }
      case ConfChangeAddLearnerNode ->
          add(MemberJson.decode(id, change.getContext()).toBuilder().setIsLearner(true).build());
      case ConfChangeUpdateNode -> {
        Member told = MemberJson.decode(id, change.getContext());
        Optional.ofNullable(members.get(id))
            .ifPresent(
                known ->
                    add(
                        known.toBuilder()
                            .clearPeerURLs()
                            .addAllPeerURLs(told.getPeerURLsList())
                            .build()));
      }
      case ConfChangeRemoveNode -> members.remove(id);
    }
  }

  /** A member publishes its name and client URLs: etcd 3.6, and 3.5 once it has agreed to. */
  void apply(ClusterMemberAttrSetRequest request) {
    setAttributes(
        request.getMemberID(),
        request.getMemberAttributes().getName(),
        request.getMemberAttributes().getClientUrlsList());
  }

  /** The same as a write to the v2 store: etcd 3.4 and 3.5. Other v2 requests are passed over. */
  void apply(Request request) throws InvalidProtocolBufferException {
    Matcher path = V2_ATTRIBUTES.matcher(request.getPath());
    if (path.matches()) {
      long id = Long.parseUnsignedLong(path.group(1), HEX);
      Member told = MemberJson.decode(id, ByteString.copyFromUtf8(request.getVal()));
      setAttributes(id, told.getName(), told.getClientURLsList());
    }
  }

  private void setAttributes(long id, String name, List<String> clientUrls) {
    Optional.ofNullable(members.get(id))
        .ifPresent(
            known ->
                add(
                    known.toBuilder()
                        .setName(name)
                        .clearClientURLs()
                        .addAllClientURLs(clientUrls)
                        .build()));
  }
}
