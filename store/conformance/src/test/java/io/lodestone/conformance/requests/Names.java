package io.lodestone.conformance.requests;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The names one contestant has made up, each beside the symbol that stands for it in calls and in
 * comparisons: the first lease it chose is {@link #lease}(0) on both sides, whatever its id.
 *
 * <p>Members, clusters, URLs and tokens get their symbol when first seen. Lease ids are often
 * chosen by the client and then compared literally, so a lease gets a symbol only by {@link
 * #adoptLease}. Confined to one thread.
 */
final class Names {
  private static final long LEASES = 0x5A00_0000_0000_0000L;
  private static final long MEMBERS = 0x5B00_0000_0000_0000L;
  private static final long CLUSTERS = 0x5C00_0000_0000_0000L;

  private static final Pattern MEMBER_IN_TEXT = Pattern.compile("memberID:([0-9]{1,20})");

  private final Map<IdKind, Map<Object, Object>> symbols = new EnumMap<>(IdKind.class);
  private final Map<IdKind, Map<Object, Object>> actuals = new EnumMap<>(IdKind.class);

  Names() {
    for (IdKind kind : IdKind.values()) {
      symbols.put(kind, new HashMap<>());
      actuals.put(kind, new HashMap<>());
    }
  }

  /** The symbol of the n-th lease whose id the server chose, from 0. */
  static long lease(int n) {
    return LEASES + n;
  }

  /** The symbol of the n-th member, from 0. */
  static long member(int n) {
    return MEMBERS + n;
  }

  static String url(int n) {
    return "url-" + n;
  }

  static String token(int n) {
    return "token-" + n;
  }

  /** Gives the id that a server chose for a lease the next symbol. */
  void adoptLease(long actual) {
    if (!symbols.get(IdKind.LEASE).containsKey(actual)) {
      pair(IdKind.LEASE, actual, lease(symbols.get(IdKind.LEASE).size()));
    }
  }

  Message toActual(Message call) {
    return Rewriting.rewrite(call, this::actual);
  }

  Message toSymbols(Message answer) {
    return Rewriting.rewrite(answer, this::symbol);
  }

  /** What the server calls a token; text that is no symbol of a token is passed as it is. */
  String actualToken(String symbol) {
    return (String) actual(IdKind.TOKEN, symbol);
  }

  private Object actual(IdKind kind, Object symbol) {
    return kind == IdKind.KEY
        ? withSuffix((ByteString) symbol, actuals.get(IdKind.LEASE))
        : actuals.get(kind).getOrDefault(symbol, symbol);
  }

  private Object symbol(IdKind kind, Object actual) {
    return switch (kind) {
      case LEASE -> symbols.get(kind).getOrDefault(actual, actual);
      case KEY -> withSuffix((ByteString) actual, symbols.get(IdKind.LEASE));
      case MEMBER -> numbered(kind, actual, MEMBERS);
      case CLUSTER -> numbered(kind, actual, CLUSTERS);
      case URL -> symbols.get(kind).getOrDefault(actual, actual);
      case TOKEN -> firstSeen(kind, actual, token(symbols.get(kind).size()));
      case MEASURED -> actual instanceof Integer ? (Object) 1 : (Object) 1L;
      case SENTENCE -> withoutMembers((String) actual);
      case RELEASE -> ((String) actual).replaceFirst("[.][0-9]+$", ".x");
    };
  }

  private String withoutMembers(String sentence) {
    return MEMBER_IN_TEXT
        .matcher(sentence)
        .replaceAll(
            found -> {
              long id = Long.parseUnsignedLong(found.group(1));
              return "memberID:" + symbols.get(IdKind.MEMBER).getOrDefault(id, id);
            });
  }

  /** Binds the URLs by which one member is known. */
  void adoptUrl(String actual) {
    pair(IdKind.URL, actual, url(symbols.get(IdKind.URL).size()));
  }

  private Object numbered(IdKind kind, Object actual, long first) {
    return actual.equals(0L) ? actual : firstSeen(kind, actual, first + symbols.get(kind).size());
  }

  private Object firstSeen(IdKind kind, Object actual, Object next) {
    if (!symbols.get(kind).containsKey(actual)) {
      pair(kind, actual, next);
    }
    return symbols.get(kind).get(actual);
  }

  private void pair(IdKind kind, Object actual, Object symbol) {
    symbols.get(kind).put(actual, symbol);
    actuals.get(kind).put(symbol, actual);
  }

  /** Replaces the id after the last slash where it is one of a known lease. */
  private static ByteString withSuffix(ByteString key, Map<Object, Object> leases) {
    if (leases.isEmpty() || key.size() > 200) {
      return key;
    }
    int slash = lastSlash(key);
    String hex = key.substring(slash + 1).toStringUtf8();
    if (slash < 0 || !hex.matches("[0-9a-f]{1,16}")) {
      return key;
    }
    Object other = leases.get(Long.parseUnsignedLong(hex, 16));
    return other == null
        ? key
        : key.substring(0, slash + 1)
            .concat(ByteString.copyFromUtf8(Long.toHexString((Long) other)));
  }

  private static int lastSlash(ByteString key) {
    int at = key.size() - 1;
    while (at >= 0 && key.byteAt(at) != '/') {
      at--;
    }
    return at;
  }
}
