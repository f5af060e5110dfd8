package io.lodestone.etcdfile.wal;

import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.etcdfile.db.MemberJson;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;

/**
 * etcd's v2 store as the JSON of a .snap file, holding nothing but the members: {@code
 * /0/members/<id>/raftAttributes} = {@code {"peerURLs":[...]}}.
 */
final class V2Store {
  private static final int EVENT_HISTORY_CAPACITY = 1000;
  private static final String NEVER = "\"ExpireTime\":\"0001-01-01T00:00:00Z\"";

  private V2Store() {}

  static String json(List<Member> members) {
    String root =
        directory("/", 0, child("0", cluster(members)) + "," + child("1", directory("/1", 0, "")));
    return "{\"Root\":"
        + root
        + ",\"WatcherHub\":{\"EventHistory\":{\"Queue\":{\"Events\":"
        + Collections.nCopies(EVENT_HISTORY_CAPACITY, "null").toString().replace(" ", "")
        + ",\"Size\":0,\"Front\":0,\"Back\":0,\"Capacity\":"
        + EVENT_HISTORY_CAPACITY
        + "},\"StartIndex\":0,\"LastIndex\":0}},\"CurrentIndex\":"
        + members.size()
        + ",\"Stats\":{},\"CurrentVersion\":2}";
  }

  private static String cluster(List<Member> members) {
    StringJoiner children = new StringJoiner(",");
    for (int i = 0; i < members.size(); i++) {
      String id = Long.toHexString(members.get(i).getID());
      children.add(child(id, member("/0/members/" + id, members.get(i), i + 1)));
    }
    return directory("/0", 0, child("members", directory("/0/members", 1, children.toString())));
  }

  private static String member(String path, Member member, int index) {
    String urls = "{\"peerURLs\":" + MemberJson.array(member.getPeerURLsList()) + "}";
    String attributes =
        head(path + "/raftAttributes", index)
            + ",\"Value\":"
            + MemberJson.string(urls)
            + ",\"Children\":null}";
    return directory(path, index, child("raftAttributes", attributes));
  }

  private static String directory(String path, int index, String children) {
    return head(path, index) + ",\"Value\":\"\",\"Children\":{" + children + "}}";
  }

  private static String head(String path, int index) {
    return "{\"Path\":"
        + MemberJson.string(path)
        + ",\"CreatedIndex\":"
        + index
        + ",\"ModifiedIndex\":"
        + index
        + ","
        + NEVER;
  }

  private static String child(String name, String node) {
    return MemberJson.string(name) + ":" + node;
  }
}
