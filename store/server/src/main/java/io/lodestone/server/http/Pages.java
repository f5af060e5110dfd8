package io.lodestone.server.http;

import java.util.Map;
import java.util.Optional;

/** Pages by path; a path that ends in {@code /} also stands for everything below it. Immutable. */
public final class Pages {
  private final Map<String, Page> pages;

  public Pages(Map<String, Page> pages) {
    this.pages = Map.copyOf(pages);
  }

  Optional<Page> at(String path) {
    Page exact = pages.get(path);
    if (exact != null) {
      return Optional.of(exact);
    }
    int slash = path.indexOf('/', 1);
    return slash < 0
        ? Optional.empty()
        : Optional.ofNullable(pages.get(path.substring(0, slash + 1)));
  }
}
