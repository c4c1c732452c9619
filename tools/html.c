// SPDX-License-Identifier: GPL-2.0
/*
 * html.c - memtriage html: one page for the incident's ticket, with nothing to fetch: the verdict,
 * the books as a treemap, every report as a table that sorts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "snapshot.h"

/* Records of a report that the page has; it says how many there are more. */
#define RECORDS	200

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<style>\n"
	"body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#1c1e21}\n"
	"h1{font-size:1.3em}h2{font-size:1.1em;margin:1.6em 0 .4em}\n"
	"pre{background:#f4f5f7;padding:.8em;overflow-x:auto;font-size:13px}\n"
	".verdict{border-left:5px solid #d39e00;background:#fff8e1;padding:.5em .8em;margin:.4em 0}\n"
	".ok{border-color:#2e7d32;background:#eef7ee}.leak{border-color:#c62828;background:#fdecea}\n"
	".next{border-color:#90949c;background:#f4f5f7;margin-bottom:1em}\n"
	"#map{position:relative;height:24em;background:#eee;overflow:hidden}\n"
	"#map div{position:absolute;box-sizing:border-box;border:1px solid #fff;overflow:hidden;"
	"font-size:12px;padding:2px 4px;color:#fff}\n"
	"table{border-collapse:collapse;width:100%;font-size:13px}\n"
	"th{cursor:pointer;text-align:right;border-bottom:2px solid #888;white-space:nowrap;padding:.15em .6em}\n"
	"td{text-align:right;border-bottom:1px solid #ddd;padding:.15em .6em;white-space:nowrap}\n"
	"th:last-child,td:last-child{text-align:left;white-space:normal;word-break:break-word;width:60%}\n"
	".state{color:#8a6d00}\n"
	"</style>\n";

/* Sorting, and a squarified treemap: each row is filled while that makes its boxes squarer. */
static const char script[] =
	"<script>\n"
	"document.querySelectorAll('th').forEach(function(th){th.onclick=function(){\n"
	"var t=th.closest('table'),i=[].indexOf.call(th.parentNode.children,th),b=t.tBodies[0],\n"
	"d=th.dataset.d=th.dataset.d=='1'?'-1':'1',\n"
	"v=function(r){var s=r.cells[i].textContent.replace(/^~/,'');return s==='-'?-Infinity:isNaN(s)?s:+s};\n"
	"[].slice.call(b.rows).sort(function(x,y){x=v(x);y=v(y);return(x<y?1:x>y?-1:0)*d})\n"
	".forEach(function(r){b.appendChild(r)})}});\n"
	"(function(){var map=document.getElementById('map');if(!map)return;\n"
	"var data=JSON.parse(document.getElementById('books').textContent).filter(function(a){return a[1]>0})\n"
	".sort(function(a,b){return b[1]-a[1]});\n"
	"var W=map.clientWidth,H=map.clientHeight,sum=data.reduce(function(s,a){return s+a[1]},0),k=W*H/sum,\n"
	"x=0,y=0,w=W,h=H,i=0;\n"
	"function worst(row,side){var s=row.reduce(function(t,a){return t+a[1]*k},0);\n"
	"return Math.max.apply(0,row.map(function(a){var r=a[1]*k*side*side/(s*s);return Math.max(r,1/r)}))}\n"
	"while(i<data.length){var row=[data[i++]],side=Math.min(w,h);\n"
	"while(i<data.length&&worst(row.concat([data[i]]),side)<=worst(row,side))row.push(data[i++]);\n"
	"var s=row.reduce(function(t,a){return t+a[1]*k},0),thick=s/side,at=0;\n"
	"row.forEach(function(a){var len=a[1]*k/thick,e=document.createElement('div'),\n"
	"free=/^Free/.test(a[0]),ghost=a[0]=='Ghost';\n"
	"e.style.cssText='left:'+(w<=h?x+at:x)+'px;top:'+(w<=h?y:y+at)+'px;width:'+(w<=h?len:thick)+\n"
	"'px;height:'+(w<=h?thick:len)+'px;background:'+(free?'#7cb98b':ghost?'#c62828':\n"
	"'hsl('+(200+[].reduce.call(a[0],function(t,c){return t+c.charCodeAt(0)},0)%80)+',45%,45%)');\n"
	"e.title=e.textContent=a[0]+' '+(a[1]/1024).toFixed(1)+' MiB';map.appendChild(e);at+=len});\n"
	"if(w<=h){y+=thick;h-=thick}else{x+=thick;w-=thick}}})();\n"
	"</script>\n";

static void print_text(const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", stdout);
			break;
		case '>':
			fputs("&gt;", stdout);
			break;
		case '&':
			fputs("&amp;", stdout);
			break;
		case '"':
			fputs("&quot;", stdout);
			break;
		default:
			putchar(*text);
		}
	}
}

static void print_summary(const struct report *summary)
{
	size_t i;

	for (i = 0; i < summary->nr_lines; i++) {
		const char *line = summary->lines[i];

		if (strncmp(line, "verdict: ", 9) && strncmp(line, "next: ", 6))
			continue;
		printf("<div class=\"verdict%s\">", *line == 'n' ? " next" :
		       !strncmp(line, "verdict: ok ", 12) ? " ok" :
		       strstr(line, "leak") && !strstr(line, "not a leak") ? " leak" : "");
		print_text(line);
		puts("</div>");
	}
	puts("<details><summary>The whole summary</summary><pre>");
	for (i = 0; i < summary->nr_lines; i++) {
		print_text(summary->lines[i]);
		puts("");
	}
	puts("</pre></details>");
}

/* Names of accounts are the module's own: letters. Others become question marks, and break nothing. */
static void print_books(const struct report *ledger)
{
	const char *comma = "";
	size_t i;

	puts("<h2>The books: every page of MemTotal in one account</h2><div id=\"map\"></div>");
	fputs("<script type=\"application/json\" id=\"books\">[", stdout);
	for (i = 0; i < ledger->nr_records; i++) {
		const struct cell *cells = report_row(ledger, i);
		const char *c;

		if (!strcmp(cells[1].text, "Total") || cells[0].unknown)
			continue;
		printf("%s[\"", comma);
		for (c = cells[1].text; *c; c++)
			putchar((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ? *c : '?');
		printf("\",%lld]", cells[0].number);
		comma = ",";
	}
	puts("]</script>");
}

static void print_table(const struct report *report)
{
	unsigned int column;
	size_t i;

	printf("<h2>");
	print_text(report->name);
	printf("</h2>\n");
	if (report->state != REPORT_OK) {
		printf("<p class=\"state\">%s: ", report_state_word(report->state));
		print_text(report->reason);
		puts("</p>");
	}
	fputs("<table><thead><tr>", stdout);
	for (column = 0; column < report->nr_columns; column++) {
		fputs("<th>", stdout);
		print_text(report->columns[column]);
		fputs("</th>", stdout);
	}
	puts("</tr></thead><tbody>");
	for (i = 0; i < report->nr_records && i < RECORDS; i++) {
		const struct cell *cells = report_row(report, i);

		fputs("<tr>", stdout);
		for (column = 0; column < report->nr_columns; column++) {
			fputs("<td>", stdout);
			if (cells[column].estimate)
				putchar('~');
			print_text(cells[column].text);
			fputs("</td>", stdout);
		}
		puts("</tr>");
	}
	puts("</tbody></table>");
	if (report->nr_records > RECORDS)
		printf("<p>and %zu more</p>\n", report->nr_records - RECORDS);
}

static enum status run(int argc, char **argv, const struct options *options)
{
	struct snapshot *snapshot;
	const struct report *report;
	unsigned int i;

	(void)argv;
	if (argc > 1)
		return command_error("html takes no arguments: it prints to standard output");
	snapshot = origin_read(options, NULL);
	if (!snapshot)
		return STATUS_ERROR;
	fputs(head, stdout);
	fputs("<title>memtriage: ", stdout);
	print_text(snapshot->host);
	fputs("</title></head><body><h1>memtriage: ", stdout);
	print_text(snapshot->host);
	fputs(", Linux ", stdout);
	print_text(snapshot->kernel);
	puts("</h1>");
	report = snapshot_report(snapshot, "summary");
	if (report)
		print_summary(report);
	report = snapshot_report(snapshot, "ledger");
	if (report && report->nr_columns)
		print_books(report);
	for (i = 0; i < snapshot->nr_reports; i++) {
		if (snapshot->reports[i]->nr_columns)
			print_table(snapshot->reports[i]);
	}
	fputs(script, stdout);
	puts("</body></html>");
	snapshot_free(snapshot);
	return fflush(stdout) || ferror(stdout) ?
	       command_error("cannot write to standard output") : STATUS_OK;
}

const struct command command_html = {
	.name = "html",
	.arguments = "",
	.help = "one self-contained page for the ticket of the incident",
	.run = run,
};
