package io.lodestone.mvcc.members;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.lodestone.api.etcdserverpb.Attributes;
import io.lodestone.api.etcdserverpb.ClusterMemberAttrSetRequest;
import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.etcdserverpb.Request;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What members up to 3.5 still write into the log as requests of the v2 API: {@code PUT
 * /0/members/<id in hex>/attributes} with a JSON of name and client URLs, and {@code PUT
 * /0/version} with the version. Everything else of v2 is of no concern.
 */
final class V2Request {
  private static final Logger LOG = LoggerFactory.getLogger(V2Request.class);
  private static final Pattern ATTRIBUTES =
      Pattern.compile("/0/members/([0-9a-f]{1,16})/attributes");
  private static final String VERSION = "/0/version";
  private static final int HEX = 16;

  private V2Request() {}

  static void apply(Request request, MemberTable members, MemberTable.RowSink rows) {
    Matcher attributes = ATTRIBUTES.matcher(request.getPath());
    if (!request.getMethod().equals("PUT")) {
      return;
    }
    if (request.getPath().equals(VERSION)) {
      members.setVersion(request.getVal(), rows);
    } else if (attributes.matches()) {
      apply(Long.parseUnsignedLong(attributes.group(1), HEX), request.getVal(), members, rows);
    }
  }

  private static void apply(long id, String json, MemberTable members, MemberTable.RowSink rows) {
    try {
      Member.Builder published = Member.newBuilder();
      JsonFormat.parser().ignoringUnknownFields().merge(json, published);
      Attributes.Builder attributes =
          Attributes.newBuilder()
              .setName(published.getName())
              .addAllClientUrls(published.getClientURLsList());
      members.apply(
          ClusterMemberAttrSetRequest.newBuilder()
              .setMemberID(id)
              .setMemberAttributes(attributes)
              .build(),
          rows);
    } catch (InvalidProtocolBufferException e) {
      LOG.atWarn().addKeyValue("member", Long.toHexString(id)).log("ignored unreadable attributes");
    }
  }
}
