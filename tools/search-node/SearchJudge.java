import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.xcontent.LoggingDeprecationHandler;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.MatchAllQueryBuilder;
import org.elasticsearch.search.SearchModule;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.ParseField;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;

/**
 * Reads bodies, one a line, each after its kind: "search {…}" or "settings {…}" (of an index). Says of each whether
 * Elasticsearch's own parser takes it: "ok" or the reason.
 *
 * The one query that is not in the published jar is rank_feature (its module is not published): exactly that name is let
 * through, with whatever stands in it.
 */
public class SearchJudge {
    public static void main(String[] arguments) throws Exception {
        List<NamedXContentRegistry.Entry> known = new ArrayList<>(
            new SearchModule(Settings.EMPTY, List.of()).getNamedXContents());
        known.add(new NamedXContentRegistry.Entry(QueryBuilder.class, new ParseField("rank_feature"), parser -> {
            parser.skipChildren();
            return new MatchAllQueryBuilder();
        }));
        XContentParserConfiguration configuration = XContentParserConfiguration.EMPTY
            .withRegistry(new NamedXContentRegistry(known))
            .withDeprecationHandler(LoggingDeprecationHandler.INSTANCE);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String kind = line.substring(0, line.indexOf(' ')), body = line.substring(line.indexOf(' ') + 1);
            try (XContentParser parser = XContentType.JSON.xContent().createParser(configuration, body)) {
                if (kind.equals("settings")) {
                    Settings settings = Settings.fromXContent(parser);
                    settings = Settings.builder().put(settings).normalizePrefix("index.").build();
                    IndexScopedSettings.DEFAULT_SCOPED_SETTINGS.validate(settings, true);
                } else {
                    new SearchSourceBuilder().parseXContent(parser, true, feature -> true);
                }
                System.out.println("ok");
            } catch (Exception error) {
                System.out.println(String.valueOf(error.getMessage()).replace('\n', ' '));
            }
        }
    }
}
