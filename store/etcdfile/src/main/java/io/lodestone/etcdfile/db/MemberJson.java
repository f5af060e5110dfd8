package io.lodestone.etcdfile.db;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.lodestone.api.etcdserverpb.Member;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Members as etcd's JSON, the fields in etcd's order and empty ones left out as etcd does:
 *
 * <pre>{@code
 * {"id":<decimal>,"peerURLs":["..."],"isLearner":true,"name":"...","clientURLs":["..."]}
 * }</pre>
 */
public final class MemberJson {
  private static final int HEX = 16;

  private MemberJson() {}

  public static String encode(Member member) {
    StringBuilder json = new StringBuilder();
    json.append("{\"id\":").append(Long.toUnsignedString(member.getID()));
    json.append(",\"peerURLs\":").append(array(member.getPeerURLsList()));
    if (member.getIsLearner()) {
      json.append(",\"isLearner\":true");
    }
    if (!member.getName().isEmpty()) {
      json.append(",\"name\":").append(string(member.getName()));
    }
    if (member.getClientURLsCount() > 0) {
      json.append(",\"clientURLs\":").append(array(member.getClientURLsList()));
    }
    return json.append('}').toString();
  }

  /** Reads a row of the {@code members} bucket: the id in hex, and the JSON. */
  static Member decode(ByteString hexId, ByteString json) throws InvalidProtocolBufferException {
    try {
      return decode(Long.parseUnsignedLong(hexId.toStringUtf8(), HEX), json);
    } catch (NumberFormatException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  /** Reads the JSON of the member {@code id}; fields that are not a member's are passed over. */
  public static Member decode(long id, ByteString json) throws InvalidProtocolBufferException {
    Member.Builder member = Member.newBuilder();
    JsonFormat.parser().ignoringUnknownFields().merge(json.toStringUtf8(), member);
    return member.setID(id).build();
  }

  public static String array(List<String> values) {
    return values.stream().map(MemberJson::string).collect(Collectors.joining(",", "[", "]"));
  }

  /** A JSON string as Go writes it: {@code < > &} are escaped, other text is left alone. */
  public static String string(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c == '<' || c == '>' || c == '&') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }
}
